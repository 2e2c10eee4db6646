"""The Slack bot. What people see is made by pure functions (`render`, `modals`, `home`); the rest makes it happen."""
