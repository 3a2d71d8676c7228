"""`flask draw publish|verify`."""

from __future__ import annotations

import json
from collections.abc import Callable

import click
from flask import current_app
from sqlalchemy import select

from app.db import db, unit_of_work
from app.errors import NotFound
from app.identity.vault import Vault, load_vault
from app.revisits.draws import publish_draw
from app.revisits.models import Draw
from app.revisits.recipe import check

OnDatabase = Callable[[Callable[..., None]], Callable[..., None]]


class DrawUnknown(NotFound):
    """There is no draw of this programme and period."""

    code = "draw_unknown"


def draw_commands(with_database: OnDatabase) -> click.Group:
    """Return the group `draw`."""
    arguments: list[click.Parameter] = [click.Argument(["programme"]), click.Argument(["period"])]
    commands = [
        click.Command("publish", callback=with_database(_publish), params=arguments, help="公布一期抽取，如 xs 2025-04"),
        click.Command("verify", callback=with_database(_verify), help="重新计算全部已结束的抽取；有出入时退出码为 1"),
    ]
    return click.Group("draw", commands=commands, help="回访抽取：公布、核验")


def _vault() -> Vault:
    return load_vault(current_app.extensions["bihuan"]["config"].key_file)


def _publish(programme: str, period: str) -> None:
    """Print what `recipe.py` recomputes."""
    with unit_of_work() as session:
        draw = session.scalar(select(Draw).where(Draw.programme == programme.lower(), Draw.period == period))
        if draw is None:
            raise DrawUnknown(f"没有 {programme} {period} 这一期抽取。")
        published = publish_draw(draw, _vault())
    click.echo(json.dumps(published, ensure_ascii=False))


def _verify() -> None:
    """Recompute every finished draw and name what is wrong."""
    with unit_of_work():
        found = verify_draws(_vault())
    for name, problems in found.items():
        click.echo(f"{name}：{'；'.join(problems) or '核验通过'}")
    raise SystemExit(1 if any(found.values()) else 0)


def verify_draws(vault: Vault) -> dict[str, list[str]]:
    """Return what is wrong with each finished draw, by programme and period."""
    finished = select(Draw).where(Draw.finished_at.is_not(None)).order_by(Draw.id)
    return {f"{draw.programme} {draw.period}": check(publish_draw(draw, vault)) for draw in db.session.scalars(finished).all()}
