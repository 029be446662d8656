"""`/board/undelivered`: answers that did not arrive, and for whoever may write to tickets what can be done about each.

    GET    the newest tickets first
    POST   /board/undelivered/{article}    action: resend (to: another address) or mark_sent; reason

What is done is what `POST /v1/articles/{id}/delivery` does. A script is answered with the list as it is afterwards.
"""

from aiohttp import web
from pydantic import ValidationError

from ...config.errors import NotFound
from ...router.reader import TicketFilter
from ...web.paging import cursor_at
from ..list_positions import ticket_position
from ..pages.forms import form_of
from ..pages.page_requests import checked, filled
from ..pages.shell import Shell, actor_of, authority_of, by_script, session_of
from ..ticket_models import DeliveryBody, TicketQuery
from ..views.astray import AstrayAnswers

SHOWN = 50  # tickets
PATH = "/board/undelivered"

_LEAD = (
    "What was answered and came back, was refused, or was perhaps never sent. Its ticket is open again with its agent, "
    "or waits in its queue; here everybody can see to it."
)


class UndeliveredPage:
    """Serves the list."""

    def __init__(self, shell: Shell) -> None:
        self._shell = shell
        self._reader = shell.parts.reader
        self._astray = AstrayAnswers(shell.parts.reader, shell.parts.policy)

    def mount(self, application: web.Application) -> None:
        """Add the routes."""
        application.router.add_get(PATH, self._shell.page(self.show))
        application.router.add_post(f"{PATH}/{{article}}", self._shell.action(self.decide))

    async def show(self, request: web.Request) -> web.Response:
        """The list. Raises NotFound for a cursor that is not one of ours."""
        sight = authority_of(request, self._shell.parts.access).sight
        try:
            query = TicketQuery(limit=SHOWN, cursor=request.query.get("cursor"), undelivered=True)
            page = await self._reader.tickets(
                TicketFilter(undelivered=True), cursor=ticket_position(query), limit=query.limit, sight=sight
            )
        except ValidationError as error:
            raise NotFound("no page begins at this cursor") from error
        template = "board_undelivered.html" if by_script(request) else "board_list.html"
        return self._shell.render(
            request,
            template,
            nav="board",
            heading="Answers that did not arrive",
            lead=_LEAD,
            fragment="board_undelivered.html",
            answers=await self._astray.of(page.items),
            next=cursor_at((page.next,)) if page.next else "",
            may_act=session_of(request).principal.may("tickets:write"),
        )

    async def decide(self, request: web.Request) -> web.Response:
        """Send it again, there or elsewhere, or note that it has arrived. Raises NotFound, Conflict, Invalid."""
        body = checked(DeliveryBody, filled(await form_of(request), "action", "to", "reason"))
        await body.decide(self._shell.parts.actions, request.match_info["article"], actor=actor_of(request))
        return await self.show(request) if by_script(request) else self._shell.done(request, PATH)
