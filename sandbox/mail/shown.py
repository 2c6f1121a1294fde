"""What people see of a mail: its HTML, as a mail program shows it, which runs no script and fetches nothing."""

from __future__ import annotations

from werkzeug.wrappers import Response

from sandbox.mail.model import ReceivedMail

POLICY = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'"


def shown_mail(mail: ReceivedMail) -> Response:
    return Response(mail.html, mimetype="text/html", headers={"Content-Security-Policy": POLICY})
