"""Security headers: strict for JSON, and a content security policy for pages, the same on every answer."""

from collections.abc import Mapping

from flask import Flask, Response, request

COMMON: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
}
API: Mapping[str, str] = {
    **COMMON,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}
PAGES: Mapping[str, str] = {
    **COMMON,
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}
HSTS = "max-age=31536000; includeSubDomains"


def secure_api(app: Flask) -> None:
    """Headers for JSON that no browser page should ever show, frame or keep."""

    def add(response: Response) -> Response:
        response.headers.update(API)
        return response

    app.after_request(add)


def secure_pages(app: Flask) -> None:
    """
    Headers for HTML: own origin alone, nothing inline, nothing kept by the browser.

    Static files may be kept: they say so themselves and hold nothing personal.
    """

    def add(response: Response) -> Response:
        response.headers.update(PAGES)
        if request.endpoint is None or request.endpoint.rpartition(".")[2] != "static":
            response.headers["Cache-Control"] = "no-store"
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = HSTS
        return response

    app.after_request(add)
