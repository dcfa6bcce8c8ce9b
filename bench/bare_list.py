"""The least program that lists trajectories: click and SQLAlchemy Core, nothing of ours.

It asks what `traject list` asks (the open trajectories with their date and coach, and who
takes part), in the same two queries, and prints the same cells with codes for labels.
"""

from __future__ import annotations

import click
from sqlalchemy import Date, and_, case, column, create_engine, null, select, table

OPEN = ("requested", "active", "paused")

trajectories = table(
    "trajectories",
    *map(column, ("id", "ref", "category", "status", "phase", "entry", "coach", "version")),
)
deadlines = table(
    "deadlines",
    *map(column, ("trajectory", "entry", "rank", "state")),
    column("due_on", Date),
)
municipalities = table(
    "municipalities", *map(column, ("trajectory", "nis", "rank")), column("left_on", Date)
)
actors = table("actors", *map(column, ("id", "name")))

due = (
    select(deadlines.c.due_on)
    .where(
        deadlines.c.trajectory == trajectories.c.id,
        deadlines.c.entry == trajectories.c.entry,
        deadlines.c.state == "open",
    )
    .order_by(deadlines.c.rank)
    .limit(1)
    .scalar_subquery()
)
overview = (
    select(
        trajectories.c.id,
        trajectories.c.ref,
        trajectories.c.category,
        trajectories.c.status,
        trajectories.c.phase,
        case((trajectories.c.status.in_(("active", "paused")), due), else_=null()).label("due_on"),
        actors.c.name,
        trajectories.c.version,
    )
    .select_from(trajectories.outerjoin(actors, actors.c.id == trajectories.c.coach))
    .where(trajectories.c.status.in_(OPEN))
    .order_by(trajectories.c.ref)
)
present = (
    select(municipalities.c.trajectory, municipalities.c.nis)
    .join(
        trajectories,
        and_(
            trajectories.c.id == municipalities.c.trajectory,
            trajectories.c.status.in_(OPEN),
        ),
    )
    .where(municipalities.c.left_on.is_(None))
    .order_by(municipalities.c.trajectory, municipalities.c.rank)
)


@click.command()
@click.argument("path")
def list_trajectories(path: str) -> None:
    """List the trajectories."""
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        places: dict[str, list[str]] = {}
        for trajectory, nis in connection.execute(present):
            places.setdefault(trajectory, []).append(nis)
        for row in connection.execute(overview):
            click.echo(
                f"{row.ref}  {', '.join(places.get(row.id, ())):<24} {row.category:<24} "
                f"{row.phase or '':<16} {row.due_on or ''}"
            )


if __name__ == "__main__":
    list_trajectories()
