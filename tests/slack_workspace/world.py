"""All parts of one workspace together, as the Web API and the controls need them."""

from dataclasses import dataclass

from slack_workspace.board import Board
from slack_workspace.clock import Clock
from slack_workspace.deliveries import Deliveries
from slack_workspace.events import Events
from slack_workspace.faults import Faults
from slack_workspace.interactions import Interactions
from slack_workspace.journal import Journal
from slack_workspace.options import Options
from slack_workspace.rates import Rates
from slack_workspace.seed import seeded
from slack_workspace.sockets import Sockets
from slack_workspace.state import State
from slack_workspace.streams import Streams
from slack_workspace.surfaces import Surfaces
from slack_workspace.tasks import Tasks
from slack_workspace.threads import Threads
from slack_workspace.webhook import Webhook


@dataclass(frozen=True)
class World:
    options: Options
    clock: Clock
    journal: Journal
    tasks: Tasks
    state: State
    deliveries: Deliveries
    sockets: Sockets
    events: Events
    board: Board
    threads: Threads
    streams: Streams
    surfaces: Surfaces
    interactions: Interactions
    rates: Rates
    faults: Faults
    webhooks: list[Webhook]
    """The request URL in HTTP mode; empty in Socket Mode."""


def build(options: Options) -> World:
    clock = Clock(patience=options.patience)
    journal = Journal(clock)
    tasks = Tasks(clock)
    state = seeded(clock, options)
    deliveries = Deliveries(clock, journal, options, tasks)
    sockets = Sockets(clock, journal, options, tasks, deliveries)
    deliveries.transport = sockets
    events = Events(state, options, deliveries)
    board = Board(state, journal, events)
    surfaces = Surfaces(state, clock, journal, options)
    return World(
        options=options,
        clock=clock,
        journal=journal,
        tasks=tasks,
        state=state,
        deliveries=deliveries,
        sockets=sockets,
        events=events,
        board=board,
        threads=Threads(state, clock, journal, events, board),
        streams=Streams(state, clock, journal, options, board),
        surfaces=surfaces,
        interactions=Interactions(state, clock, journal, deliveries=deliveries, board=board, surfaces=surfaces),
        rates=Rates(clock),
        faults=Faults(),
        webhooks=[],
    )
