"""Who and what is in a new workspace. Ids say what they are: ``U0ANNA``, ``C0GENERAL``.

Team ``T0HOME`` has Anna, Ben and the guest Gus; Erin belongs to ``T0EXTERN`` and is met in the Slack Connect channel
``C0SHARED``. The app under test is ``A0ASKBOT`` with the bot user ``U0ASKBOT``; it is a member everywhere except in
``C0RANDOM`` (public), ``G0SECRET`` (private) and the DMs of others. ``U0ROBOT`` is another company's bot.
"""

from slack_workspace.clock import Clock
from slack_workspace.options import Options
from slack_workspace.records import App, Channel, Team, Token, User
from slack_workspace.state import State

HOME, EXTERN = "T0HOME", "T0EXTERN"
ANNA, BEN, GUS, ERIN = "U0ANNA", "U0BEN", "U0GUS", "U0ERIN"
ASKBOT, ROBOT = "U0ASKBOT", "U0ROBOT"
GENERAL, RANDOM, PRIVATE, SECRET = "C0GENERAL", "C0RANDOM", "G0PRIVATE", "G0SECRET"
SHARED, ARCHIVE, GROUP = "C0SHARED", "C0ARCHIVE", "G0MPIM"

BOT_TOKEN = "xoxb-1-askbot"  # noqa: S105 - not a secret: it opens nothing but the fake
APP_TOKEN = "xapp-1-A0ASKBOT-1-socket"  # noqa: S105 - likewise
USER_TOKEN = "xoxp-1-anna"  # noqa: S105 - likewise
ROBOT_TOKEN = "xoxb-2-robot"  # noqa: S105 - likewise
SIGNING_SECRET = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - the example of Slack's own documentation
CLIENT_ID = "111111111111.222222222222"
CLIENT_SECRET = "the-client-secret"  # noqa: S105 - likewise


def seeded(clock: Clock, options: Options) -> State:
    state = State(clock, App("A0ASKBOT", "askbot", ASKBOT, "B0ASKBOT"), Team(HOME, "Home", "home"))
    state.teams[EXTERN] = Team(EXTERN, "Extern", "extern")
    robot = App("A0ROBOT", "robot", ROBOT, "B0ROBOT")
    state.apps[robot.id] = robot
    for user in (
        User(ANNA, "anna", "Anna Arendt", HOME),
        User(BEN, "ben", "Ben Brecht", HOME),
        User(GUS, "gus", "Gus Guest", HOME, guest="ultra_restricted"),
        User(ERIN, "erin", "Erin Extern", EXTERN),
        User(ASKBOT, "askbot", "Askbot", HOME, app=state.app.id),
        User(ROBOT, "robot", "Robot", HOME, app=robot.id),
    ):
        state.add_user(user)
    for channel in (
        Channel(GENERAL, "general", "channel", HOME, {ANNA, BEN, GUS, ASKBOT, ROBOT}),
        Channel(RANDOM, "random", "channel", HOME, {ANNA, BEN}),
        Channel(PRIVATE, "private", "group", HOME, {ANNA, BEN, ASKBOT}),
        Channel(SECRET, "secret", "group", HOME, {ANNA, BEN}),
        Channel(SHARED, "shared", "channel", HOME, {ANNA, ERIN, ASKBOT}, connected_teams=(EXTERN,)),
        Channel(ARCHIVE, "archive", "channel", HOME, {ANNA, ASKBOT}, archived=True),
        Channel(GROUP, "mpdm-anna--ben--askbot-1", "mpim", HOME, {ANNA, BEN, ASKBOT}),
    ):
        state.add_channel(channel)
    for token in (
        Token(BOT_TOKEN, "bot", HOME, state.app.id, ASKBOT, options.scopes),
        Token(APP_TOKEN, "app", HOME, state.app.id, ASKBOT, options.app_scopes),
        Token(USER_TOKEN, "user", HOME, state.app.id, ANNA, frozenset({"chat:write"})),
        Token(ROBOT_TOKEN, "bot", HOME, robot.id, ROBOT, options.scopes),
    ):
        state.tokens[token.value] = token
    return state
