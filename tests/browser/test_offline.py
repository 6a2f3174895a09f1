"""A phone in a blackout, in a real browser: events made = events stored, none twice, whatever happens to the line.

Between the browser and the portal stands a wire that the test cuts, so that what is lost is lost for real: also a reply
to something that was stored.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client, override_settings
from django.urls import reverse

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members.models import CheckIn, Device, Site, SiteStatus
from members.services.devices import end_device, offer_device
from tests.browser.chromium import CHROMIUM, NO_CHROMIUM
from tests.factories import a_coordinator, a_head_count, a_site, a_status, a_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(not CHROMIUM, reason=NO_CHROMIUM),
]
OVER_HTTP = {
    "SESSION_COOKIE_NAME": "session", "CSRF_COOKIE_NAME": "csrf", "DEVICE_COOKIE_NAME": "device", "SESSION_COOKIE_SECURE": False,
    "CSRF_COOKIE_SECURE": False,
}  # fmt: skip
KEPT = "Kept on this phone, not sent yet"
PORTAL_OF_A_HOTEL = b"<!doctype html><title>Welcome to our network</title><form>Room number</form>"


class Wire:
    """A line to the portal: `open`, `cut`, `lost` (the question arrives, the answer does not), `portal` (a stranger answers)."""

    def __init__(self, portal: str) -> None:
        parts = urlsplit(portal)
        self.to, self.state = (parts.hostname, parts.port), "open"
        self.asked: list[str] = []
        self.calls: list[threading.Thread] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://localhost:{self.listening.getsockname()[1]}"
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        while True:
            try:
                caller, _address = self.listening.accept()
            except OSError:
                return
            self.calls.append(threading.Thread(target=self._answer, args=(caller,), daemon=True))
            self.calls[-1].start()

    def _answer(self, caller: socket.socket) -> None:
        with caller:
            if self.state == "cut" or not (request := _read_request(caller)):
                return
            line = request.split(b"\r\n", 1)[0].decode()
            self.asked.append(line)
            if self.state == "portal":
                head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
                return caller.sendall(head + PORTAL_OF_A_HOTEL)
            with socket.create_connection(self.to) as portal:
                portal.sendall(request.replace(b"Connection: keep-alive", b"Connection: close", 1))
                answer = b"".join(iter(lambda: portal.recv(65536), b""))
            if self.state == "open":
                caller.sendall(answer)

    def hang_up(self) -> None:
        """Ends when the portal has answered everything: a request that goes on would keep its database open."""
        self.listening.close()
        for call in self.calls:
            call.join(10)

    def batches(self) -> int:
        """How often check-ins were sent."""
        return sum("/check-ins/batch/" in line for line in self.asked)


def _read_request(caller: socket.socket) -> bytes:
    request = b""
    while b"\r\n\r\n" not in request:
        if not (part := caller.recv(65536)):
            return b""
        request += part
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while len(body) < sum(lengths):
        body += caller.recv(65536)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def wire(live_server: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    wire = Wire(live_server.url)
    with override_settings(**OVER_HTTP):
        yield wire
    wire.hang_up()


@pytest.fixture
def context(chromium: Any) -> Iterator[Any]:
    """A phone that nobody has used yet."""
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale="en-GB")
    yield context
    context.close()


@pytest.fixture
def site() -> Site:
    site = a_site(name="Plant Nightingale")
    a_status(site, "REDUCED")
    a_head_count(site, 137)
    return site


def open_page(context: Any, url: str) -> Any:
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.complaints = []
    page.on("console", lambda message: page.complaints.append(message.text) if "Content Security" in message.text else None)
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.goto(url)
    return page


def an_enrolled_page(context: Any, wire: Wire, site: Site) -> tuple[Any, Device]:
    """A phone that opened the coordinator's link, pressed the button, and has its own copy of the page."""
    with acting_as(a_coordinator(site.organisation)):
        offer = offer_device(site=site)
    page = open_page(context, wire.url + reverse("members:enrol", args=[offer.text]))
    page.click("text=Use this phone >> nth=-1")
    page.wait_for_url(f"**/c/{site.checkin_code}/")
    is_ready(page)
    return page, offer.row


def is_ready(page: Any) -> None:
    """The service worker has the copy, and the phone knows what it may offer."""
    assert page.evaluate("navigator.serviceWorker.ready.then(() => caches.match('/c/')).then(Boolean)")
    until(lambda: page.evaluate(READ_META) is not None)


def until(true: Callable[[], Any]) -> None:
    """Wait for something that no locator shows; Playwright's clock waits, not ours."""
    import time

    ends = time.monotonic() + 15
    while not true():
        assert time.monotonic() < ends, "it did not happen"
        threading.Event().wait(0.05)


OPEN = "new Promise((yes, no) => { const r = indexedDB.open('checkin'); r.onsuccess = () => yes(r.result); r.onerror = no; })"
READ_META = (
    OPEN
    + """.then(db => new Promise(yes => {
    if (!db.objectStoreNames.contains('meta')) { db.close(); yes(null); return; }
    const r = db.transaction('meta').objectStore('meta').getAllKeys();
    r.onsuccess = () => { db.close(); yes(r.result.some(name => name.startsWith('site ')) ? r.result : null); };
}))"""
)
READ_QUEUE = (
    OPEN
    + """.then(db => new Promise(yes => {
    const r = db.transaction('queue').objectStore('queue').getAll();
    r.onsuccess = () => { db.close(); yes(r.result.map(item => Object.assign({}, item, {
        box: new TextDecoder('latin1').decode(item.box), iv: item.iv.length }))); };
}))"""
)
READ_KEY = (
    OPEN
    + """.then(db => new Promise(yes => {
    const r = db.transaction('meta').objectStore('meta').get('key');
    r.onsuccess = () => {
        db.close();
        crypto.subtle.exportKey('raw', r.result).then(() => yes('exported'), () => yes('kept inside'));
    };
}))"""
)


def say(page: Any, status: str = "EVACUATED", people: str = "all") -> None:
    """Two answers and Send."""
    page.check(f"[name=operational][value={status}]")
    page.check(f"[name=people][value={people}]")
    page.click(".send button")


def press(page: Any, button: str) -> None:
    """Press it if it is still there: the page tries again by itself as well, and may be quicker."""
    page.evaluate("button => { const found = document.querySelector(button); if (found) found.click(); }", button)


def is_kept(page: Any) -> None:
    page.wait_for_selector(f"[data-kept] h1:text-is('{KEPT}')")


def stored(site: Site) -> list[CheckIn]:
    with acting_as(SYSTEM):
        facts = SiteStatus.objects.filter(site=site, check_in__isnull=False).count()  # first: they come with their check-in
        check_ins = list(CheckIn.objects.filter(site=site).order_by("claimed_at"))
    assert facts <= len(check_ins), "a fact twice"
    return check_ins


def test_a_blackout_a_reload_and_the_signal_again_make_one_check_in(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    is_kept(page)
    assert page.locator("h1:text-is('Sent')").count() == 0
    line = page.inner_text("output")
    assert line.startswith(device.alias + " 1 ") and len(line) <= 160
    page.reload()
    page.wait_for_selector("[data-queue] li:has-text('waiting')")  # for a moment it tries to send
    row = page.inner_text("[data-queue] li")
    assert device.alias in row
    assert not [word for word in ("Evacuated", "EVACUATED", site.name, "safe") if word in row]
    assert stored(site) == []
    wire.state = "open"
    press(page, "[data-queue] [data-send]")
    page.wait_for_selector("[data-queue]", state="hidden")
    assert [check_in.device for check_in in stored(site)] == [device.pk]
    assert page.evaluate(READ_QUEUE) == []
    assert page.complaints == []


def test_enter_on_the_kept_form_sends_what_was_answered(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    page.reload()
    page.wait_for_selector(".same:visible")
    page.press("[name=operational][value=EVACUATED]", "Space")
    page.press("[name=people][value=unsure]", "Space")
    page.fill("[name=not_reached]", "7")
    page.press("[name=not_reached]", "Enter")
    is_kept(page)
    assert " E U7 " in page.inner_text("output")
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    [check_in] = stored(site)
    assert check_in.answers["same"] is False and check_in.answers["not_reached"] == 7


def test_it_is_sent_by_itself_as_soon_as_there_is_a_signal(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    context.set_offline(True)
    wire.state = "cut"
    say(page)
    is_kept(page)
    wire.state = "open"
    context.set_offline(False)
    page.wait_for_url("**/sent/**")
    assert page.inner_text("main > h1") == "Sent"
    assert len(stored(site)) == 1 and page.evaluate(READ_QUEUE) == []


def test_a_lost_reply_sends_the_same_id_again_and_stores_it_once(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "lost"
    say(page)
    is_kept(page)
    until(lambda: len(stored(site)) == 1)
    assert page.locator("h1:text-is('Sent')").count() == 0, "the server had not said so"
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    assert len(stored(site)) == 1 and wire.batches() >= 2


def test_a_tab_that_is_killed_loses_nothing(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    is_kept(page)
    page.close()
    wire.state = "open"
    again = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    until(lambda: len(stored(site)) == 1)
    until(lambda: again.evaluate(READ_QUEUE) == [])


def sign_in(context: Any, wire: Wire, user: Any) -> None:
    client = Client()
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": wire.url}])


def test_a_sign_in_that_expires_in_the_blackout_keeps_the_queue_until_the_next(wire: Wire, context: Any, site: Site) -> None:
    user = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    sign_in(context, wire, user)
    page = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    is_ready(page)
    context.clear_cookies(name="session")
    say(page)
    page.wait_for_selector("[data-door]:not([hidden])")
    assert page.inner_text("[data-kept] h1") == KEPT and stored(site) == []
    page.reload()
    assert page.locator("form[data-checkin]").count() == 1, "the phone's own copy, not the way to the sign-in page"
    page.wait_for_selector("[data-queue] li")
    sign_in(context, wire, user)
    page.reload()
    until(lambda: len(stored(site)) == 1)
    page.wait_for_selector("[data-queue]", state="hidden")


def test_a_revoked_phone_deletes_what_it_holds_and_says_what_that_was(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    is_kept(page)
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device, why=Device.Ended.LOST)
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_selector("[data-wiped]:not([hidden])")
    assert page.inner_text("[data-wiped]").endswith("check-ins that were not sent: 1.")
    # the browser finishes a deletion when the last transaction on it has ended
    databases = "indexedDB.databases ? indexedDB.databases().then(all => all.length) : 0"
    until(lambda: page.evaluate(databases) == 0)
    assert page.evaluate("caches.keys()") == [] and stored(site) == []
    with acting_as(SYSTEM):
        until(lambda: Device.objects.get(pk=device.pk).wiped_at is not None)
    page.reload()
    assert page.locator("form[data-checkin]").count() == 0


def test_the_second_tab_of_a_wiped_phone_says_so_and_keeps_no_queue(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    second = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    is_ready(second)
    wire.state = "cut"
    say(page)
    is_kept(page)
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device, why=Device.Ended.LOST)
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_selector("[data-wiped]:not([hidden])")
    second.wait_for_selector("[data-wiped]:not([hidden])")
    assert "in another window" in second.inner_text("[data-wiped]")
    assert second.locator("form[data-checkin], [data-queue], [data-kept]").count() == 0, "nothing more is taken here"
    second.wait_for_timeout(5500)  # what it draws again every five seconds opens nothing anew
    databases = "indexedDB.databases ? indexedDB.databases().then(all => all.length) : 0"
    until(lambda: second.evaluate(databases) == 0)
    assert second.evaluate("caches.keys()") == [] and stored(site) == []


def test_the_sign_in_page_of_a_hotel_is_no_success(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "portal"
    say(page)
    is_kept(page)
    page.wait_for_selector("[data-why]:has-text('the network asks for a sign-in of its own')")
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    assert len(stored(site)) == 1


def test_two_tabs_send_each_check_in_once(wire: Wire, context: Any, site: Site) -> None:
    first, _device = an_enrolled_page(context, wire, site)
    second = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    wire.state = "cut"
    for page in (first, second):
        for _time in range(2):
            say(page)
            is_kept(page)
            page.click("[data-again]")
    assert len(first.evaluate(READ_QUEUE)) == 4
    wire.state = "open"
    for page in (first, second):
        press(page, "[data-queue] [data-send]")
    for page in (first, second):
        page.wait_for_selector("[data-queue]", state="hidden")
    assert len(stored(site)) == 4


def test_what_waits_is_locked_with_a_key_that_no_script_reads_out(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    page.click("summary")
    page.fill("[name=note]", "gate four is shut")
    say(page)
    is_kept(page)
    item = page.evaluate(READ_QUEUE)[0]
    assert set(item) == {"id", "alias", "at", "state", "seq", "iv", "box"} and item["alias"] == device.alias
    for answer in ("gate four", "EVACUATED", "operational", site.checkin_code):
        assert answer not in str(item)
    assert page.evaluate(READ_KEY) == "kept inside"
    assert page.evaluate("Object.keys(localStorage).concat(Object.keys(sessionStorage))") == []


def test_one_item_is_deleted_with_two_presses_and_hide_deletes_none(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    for _time in range(2):
        say(page)
        is_kept(page)
        page.click("[data-again]")
    page.click("[data-queue] li >> nth=0 >> button")
    assert len(page.evaluate(READ_QUEUE)) == 2
    page.click("[data-queue] li >> nth=0 >> button")
    until(lambda: len(page.evaluate(READ_QUEUE)) == 1)
    page.click("[data-hide]")
    page.wait_for_url("about:blank")
    wire.state = "open"
    open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    until(lambda: len(stored(site)) == 1)


def test_who_needs_help_without_a_signal_reads_that_nobody_knows_of_it(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    page.check("[name=people][value=help]")
    page.click(".send button")
    is_kept(page)
    text = page.inner_text("[data-help]")
    assert "Nobody knows of it yet" in text and page.locator("[data-help] .tels a").count() == 3
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    assert "Call for help first" in page.inner_text("main")


def test_a_reporter_of_two_sites_still_chooses_which(wire: Wire, context: Any, site: Site) -> None:
    other = a_site(site.organisation, name="Depot Skylark")
    sign_in(context, wire, a_user(site.organisation, Role.SITE_REPORTER, sites=[site, other]))
    is_ready(open_page(context, f"{wire.url}/c/{site.checkin_code}/"))
    page = open_page(context, f"{wire.url}/check-in/")
    page.wait_for_load_state("networkidle")
    assert page.url == f"{wire.url}/check-in/"
    page.click("text=Depot Skylark")
    page.wait_for_url(f"**/c/{other.checkin_code}/")


def test_where_nothing_can_be_kept_the_form_is_posted_as_it_stands(wire: Wire, context: Any, site: Site) -> None:
    sign_in(context, wire, a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    context.add_init_script(
        "Object.defineProperty(window, 'indexedDB', { value: { open: () => { throw new Error('private'); } } })"
    )
    page = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    page.click(".same")
    page.wait_for_url("**/sent/**")
    assert [(check_in.channel, check_in.answers["same"]) for check_in in stored(site)] == [("FORM", True)]


def test_on_2g_the_page_answers_within_three_seconds_in_four_requests_and_twenty_kilobytes(
    wire: Wire, context: Any, chromium: Any, site: Site, record_property: Any
) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    cookies = context.cookies()
    slow = chromium.new_context(viewport={"width": 360, "height": 740})
    slow.add_cookies(cookies)
    page = slow.new_page()
    line = slow.new_cdp_session(page)
    line.send("Network.enable")
    line.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 300, "downloadThroughput": 250_000 / 8, "uploadThroughput": 50_000 / 8},
    )
    weight, asked = [], []
    line.on("Network.loadingFinished", lambda event: weight.append(event["encodedDataLength"]))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{wire.url}/c/{site.checkin_code}/", wait_until="domcontentloaded")
    until_shown = page.evaluate("performance.getEntriesByType('navigation')[0].domInteractive")
    slow.close()
    kinds = [url for url in asked if url.endswith((".css", ".js", f"/c/{site.checkin_code}/"))]
    assert len(kinds) <= 4, asked
    assert until_shown < 3000
    assert sum(weight) <= 20_000
    record_property("figures", f"check-in on 2G: {until_shown:.0f} ms, {sum(weight)} bytes, {len(kinds)} requests")


def test_events_made_are_events_stored(wire: Wire, context: Any, site: Site, record_property: Any) -> None:
    """The line breaks in every way while ten check-ins are made."""
    page, _device = an_enrolled_page(context, wire, site)
    made = 0
    for state in ("cut", "lost", "portal", "open", "lost") * 2:
        wire.state = state
        say(page, "REDUCED" if made % 2 else "EVACUATED")
        made += 1
        if state == "open":
            page.wait_for_url("**/sent/**")
            page.goto(f"{wire.url}/c/{site.checkin_code}/")
        else:
            is_kept(page)
            page.click("[data-again]")
    wire.state = "open"
    press(page, "[data-queue] [data-send]")
    page.wait_for_selector("[data-queue]", state="hidden")
    check_ins = stored(site)
    assert len(check_ins) == len({check_in.pk for check_in in check_ins}) == made
    assert [check_in.seq for check_in in check_ins] == list(range(1, made + 1))
    record_property("figures", f"check-ins over a broken line: {made} made, {len(check_ins)} stored, 0 twice")
