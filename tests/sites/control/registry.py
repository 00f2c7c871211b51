"""The sites by name."""

from accounts.definition import ACCOUNTS
from control.site import Site
from meetings.definition import MEETINGS
from posts.definition import POSTS
from spa.definition import SPA
from todo.definition import TODO, TODO_COMPOSE

SITES: dict[str, Site] = {site.name: site for site in (TODO, TODO_COMPOSE, POSTS, MEETINGS, ACCOUNTS, SPA)}
