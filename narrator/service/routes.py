"""All routes, in the order of the documentation."""

from __future__ import annotations

from narrator.service import (
    routes_articles,
    routes_heard,
    routes_listen,
    routes_narrations,
    routes_operation,
    routes_player,
    routes_speech,
    routes_voices,
)

ROUTERS = (
    routes_narrations.router,
    routes_articles.router,
    routes_listen.router,
    routes_heard.router,
    routes_voices.router,
    routes_speech.router,
    routes_player.router,
    routes_operation.router,
)
