"""The sites by name."""

from control.site import Site
from posts.definition import POSTS
from todo.definition import TODO, TODO_COMPOSE

SITES: dict[str, Site] = {site.name: site for site in (TODO, TODO_COMPOSE, POSTS)}
