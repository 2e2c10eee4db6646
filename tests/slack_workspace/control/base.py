"""What the parts of the control share."""

from slack_workspace.records import Channel, User
from slack_workspace.wire import NotPossible
from slack_workspace.world import World


class Part:
    def __init__(self, world: World) -> None:
        self._world = world

    async def _sent(self) -> None:
        """Let what was just caused go out, without waiting for any answer."""
        await self._world.deliveries.flushed()

    def _person(self, user: str) -> User:
        try:
            return self._world.state.users[user]
        except KeyError:
            raise NotPossible(f"There is nobody with the id {user}.") from None

    def _place(self, user: str, channel: str) -> Channel:
        """A conversation that this person is in; a person's own id stands for their DM with the app."""
        if channel == user:
            return self._world.state.direct_message(user)
        place = self._world.state.channels.get(channel)
        if place is None or user not in place.members:
            raise NotPossible(f"{user} is not in {channel}.")
        return place
