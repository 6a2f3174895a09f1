"""A phone in a blackout, in a real browser: events made = events stored, none twice, whatever happens to the line.

Between the browser and the portal stands a wire that the test cuts, so that what is lost is lost for real: also a reply
to something that was stored.
"""

import socket
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connections
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from aimprogress.core.actor import SYSTEM, acting_as
from aimprogress.core.permissions import Role
from members import check_in_api
from members.models import CheckIn, Device, Site, SiteStatus
from members.models.device import SILENT_AFTER
from members.services.devices import end_device, offer_device
from members.services.follow_ups import follow_up_check_in
from members.services.lines import receive_text_line
from members.views import phone as phone_files
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
    """A line to the portal: `open`, `cut`, `lost` (the question arrives, the answer does not), `portal` (a stranger answers),
    `batches` (what is sent gets through, no page does), or a status with which the portal, or who stands before it, answers."""

    def __init__(self, portal: str) -> None:
        parts = urlsplit(portal)
        self.to, self.state = (parts.hostname, parts.port), "open"
        self.asked: list[str] = []
        self.weight = 0
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
            call = threading.Thread(target=self._answer, args=(caller,), daemon=True)
            call.start()
            self.calls.append(call)  # only now: who hangs up waits for each, and one that has not begun cannot be waited for

    def _answer(self, caller: socket.socket) -> None:
        with caller:
            if self.state == "cut" or not (request := _read_request(caller)):
                return
            line = request.split(b"\r\n", 1)[0].decode()
            self.asked.append(line)
            if self.state == "portal":
                head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n"
                return caller.sendall(head + PORTAL_OF_A_HOTEL)
            if self.state.isdigit():
                head = f"HTTP/1.1 {self.state} Said\r\nContent-Type: application/problem+json\r\nConnection: close\r\n\r\n"
                return caller.sendall(head.encode() + b"{}")
            if self.state == "batches" and "/check-ins/batch/" not in line:
                return None
            with socket.create_connection(self.to) as portal:
                portal.sendall(request.replace(b"Connection: keep-alive", b"Connection: close", 1))
                answer = b"".join(iter(lambda: portal.recv(65536), b""))
            self.weight += len(answer)
            if self.state in ("open", "batches"):
                caller.sendall(answer)

    def hang_up(self) -> None:
        """Ends when the portal has answered everything: a request that goes on would keep its database open."""
        self.listening.close()
        for call in self.calls:
            call.join(10)

    def workers(self) -> int:
        """How often the service worker was asked for."""
        return sum("/c/sw.js" in line for line in self.asked)

    def loads(self, site: Site) -> int:
        """How often the page of a site was asked for."""
        return sum(f"GET /c/{site.checkin_code}/ " in line for line in self.asked)

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
def wire(live_server: Any, chromium: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    monkeypatch.setitem(connections["default"].settings_dict, "CONN_MAX_AGE", 0)
    wire = Wire(live_server.url)
    chromium.portals.add(wire.url)
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


def an_enrolled_page(context: Any, wire: Wire, site: Site, language: str = "en") -> tuple[Any, Device]:
    """A phone that opened the coordinator's link, pressed the button, and has its own copy of the page."""
    with acting_as(a_coordinator(site.organisation)):
        offer = offer_device(site=site, language=language)
    page = open_page(context, wire.url + reverse("members:enrol", args=[offer.text]))
    page.click("main form button")
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
READ_CODE = (
    OPEN
    + """.then(db => new Promise(yes => {
    const r = db.transaction('meta').objectStore('meta').get('code');
    r.onsuccess = () => { db.close(); yes(r.result); };
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


CHANGE_ALL = (
    "([store, change]) => "
    + OPEN
    + """.then(db => new Promise(yes => {
    const all = db.transaction(store, 'readwrite').objectStore(store);
    const names = all.getAllKeys();
    const run = { damage: item => { item.box = item.box.slice(0, -1); return item; },
        age: known => { known.heard -= 3 * 86400000; return known; } }[change];
    names.onsuccess = () => names.result.filter(name => store === 'queue' || name.startsWith('site ')).forEach(name => {
        const found = all.get(name);
        found.onsuccess = () => all.keyPath ? all.put(run(found.result)) : all.put(run(found.result), name);
    });
    all.transaction.oncomplete = () => { db.close(); yes(); };
}))"""
)
ADD_OTHERS = (
    OPEN
    + """.then(db => new Promise(yes => {
    const all = db.transaction('queue', 'readwrite').objectStore('queue');
    const found = all.getAll();
    found.onsuccess = () => {
        for (let number = 10; number < 65; number += 1) {
            const id = `00000000-0000-4000-8000-0000000000${number}`;
            all.put(Object.assign({}, found.result[0], { id, seq: 0, state: 'site' }));
        }
    };
    all.transaction.oncomplete = () => { db.close(); yes(); };
}))"""
)
FIRST_SCHEMA = """async code => {
    const db = await new Promise((yes, no) => {
        const request = indexedDB.open('checkin', 1);
        request.onupgradeneeded = () => {
            request.result.createObjectStore('queue', { keyPath: 'id' });
            request.result.createObjectStore('meta');
        };
        request.onsuccess = () => yes(request.result);
        request.onerror = no;
    });
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const box = async answers => {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const text = new TextEncoder().encode(JSON.stringify(answers));
        return { iv, box: await crypto.subtle.encrypt({ name: 'AES-GCM', iv }, key, text) };
    };
    const items = [
        { id: '11111111-1111-4111-8111-111111111111', alias: 'WILLOW42', at: Date.now() - 7200000, state: 'waiting', seq: 1,
          ...await box({ site: code, operational: 'EVACUATED', people: 'unsure', note: '', not_reached: 12 }) },
        { id: '22222222-2222-4222-8222-222222222222', alias: 'WILLOW42', at: Date.now() - 3600000, state: 'signin', seq: 2,
          ...await box({ site: code, same: true }) },
    ];
    const all = db.transaction(['queue', 'meta'], 'readwrite');
    items.forEach(item => all.objectStore('queue').put(item));
    all.objectStore('meta').put(key, 'key');
    all.objectStore('meta').put(2, 'seq');
    all.objectStore('meta').put(code, 'code');
    all.objectStore('meta').put({ alias: 'WILLOW42', may_confirm: true, may_say_all: true, otherwise_as_before: false,
        as_of: new Date().toISOString(), numbers: ['112'] }, `site ${code}`);
    await new Promise(yes => { all.oncomplete = yes; });
    db.close();
}"""
"""What the first version of the page kept on a phone, put together as that version did: it must open and be sent for ever."""


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


def keep_one_on_a_lost_phone(page: Any, wire: Wire, site: Site, device: Device) -> None:
    """A check-in waits on the phone; it was revoked meanwhile, and reads that when it sends."""
    wire.state = "cut"
    say(page)
    is_kept(page)
    with acting_as(a_coordinator(site.organisation)):
        end_device(device=device, why=Device.Ended.LOST)
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_selector("[data-wiped]:not([hidden])")


def holds_nothing(page: Any) -> None:
    """No queue and no copy of a page. The browser finishes a deletion when the last transaction on it has ended."""
    until(lambda: page.evaluate("indexedDB.databases ? indexedDB.databases().then(all => all.length) : 0") == 0)
    assert page.evaluate("caches.keys()") == []


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


def test_the_line_that_a_phone_writes_is_read_by_the_portal(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    for seq, (status, people, number) in enumerate(
        [("EVACUATED", "all", None), ("SUSPENDED", "unsure", 12), ("", "help", None), ("same", "", None)], start=1
    ):
        if status == "same":
            page.click(".same")
        else:
            if status:
                page.check(f"[name=operational][value={status}]")
            page.check(f"[name=people][value={people}]")
            if number is not None:
                page.fill("[name=not_reached]", str(number))
            page.click(".send button")
        is_kept(page)
        line = page.inner_text("output")
        with acting_as(a_coordinator(site.organisation)):
            check_in = receive_text_line(organisation=site.organisation, text=line)
        said = {"same": status == "same", "operational": status.replace("same", ""), "people": people, "not_reached": number}
        assert check_in.answers == said | {"note": ""} and (check_in.device, check_in.seq) == (device.pk, seq), line
        page.click("[data-again]")
    assert len(stored(site)) == 4


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


def test_a_phone_without_an_account_that_was_silent_for_too_long_is_led_to_its_coordinator(
    wire: Wire, context: Any, site: Site
) -> None:
    page, device = an_enrolled_page(context, wire, site)
    with acting_as(SYSTEM):
        Device.objects.filter(pk=device.pk).update(last_seen_at=timezone.now() - SILENT_AFTER - timedelta(days=1))
    say(page)
    page.wait_for_selector("[data-why]:has-text('ask your coordinator for a new code. What you wrote stays here.')")
    assert page.inner_text("[data-kept] h1") == KEPT and not page.is_visible("[data-door]")
    page.reload()
    page.wait_for_selector("[data-enrol]:visible")
    assert not page.is_visible("[data-out]"), "there is no password that would help"
    assert "new code" in page.inner_text("[data-queue] li") and len(page.evaluate(READ_QUEUE)) == 1
    with acting_as(a_coordinator(site.organisation)):
        offer = offer_device(site=site)
    page.goto(wire.url + reverse("members:enrol", args=[offer.text]))
    page.click("main form button")
    until(lambda: [check_in.device for check_in in stored(site)] == [offer.row.pk])


def test_what_the_portal_answers_is_said_as_it_is(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    page.wait_for_selector("[data-why]:has-text('waiting for a signal')")
    for wire.state, words in (
        ("503", "has too much to do"), ("403", "does not take it from this phone"), ("500", "has a fault"),
        ("429", "has too much to do"), ("511", "asks for a sign-in of its own"), ("400", "has a fault"),
    ):  # fmt: skip
        press(page, "[data-kept] [data-send]")
        page.wait_for_selector(f"[data-why]:has-text('{words}')")
        assert page.inner_text("[data-kept] h1") == KEPT and len(page.evaluate(READ_QUEUE)) == 1
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    assert len(stored(site)) == 1


def test_a_page_that_is_too_old_renews_itself_once_and_keeps_its_queue(
    wire: Wire, context: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    page.check("[name=people][value=help]")
    page.click(".send button")
    is_kept(page)
    monkeypatch.setattr(check_in_api, "OLDEST_APP", 2)
    workers = wire.workers()
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    until(lambda: wire.workers() > workers)
    page.wait_for_selector("[data-why]:has-text('this page is too old')")
    is_kept(page)
    assert page.locator("[data-help] .tels a").count() == 3, "the numbers outlive the new page"
    assert len(page.evaluate(READ_QUEUE)) == 1 and stored(site) == []
    page.wait_for_load_state("networkidle")
    loads = wire.loads(site)
    press(page, "[data-kept] [data-send]")
    until(lambda: wire.asked[-1].startswith("POST"))
    page.wait_for_load_state("networkidle")
    assert wire.loads(site) == loads, "no page that loads itself for ever"

    old = phone_files.file_of_phone
    monkeypatch.setattr(
        phone_files, "file_of_phone", lambda name: old(name).replace("app: 1,", "app: 2,").replace("STORE = 'c-", "STORE = 'c-2")
    )
    page.reload()
    until(lambda: len(stored(site)) == 1)
    page.wait_for_selector("[data-queue]", state="hidden")


def test_an_old_page_comes_through_with_the_new_one(
    wire: Wire, context: Any, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    is_kept(page)
    old = phone_files.file_of_phone
    monkeypatch.setattr(check_in_api, "OLDEST_APP", 2)
    monkeypatch.setattr(
        phone_files, "file_of_phone", lambda name: old(name).replace("app: 1,", "app: 2,").replace("STORE = 'c-", "STORE = 'c-2")
    )
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    assert len(stored(site)) == 1
    until(lambda: all(name.startswith("c-2") for name in page.evaluate("caches.keys()")))


def test_what_cannot_be_opened_any_more_holds_up_nothing(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    is_kept(page)
    page.click("[data-again]")
    page.evaluate(CHANGE_ALL, ["queue", "damage"])
    say(page, "SUSPENDED")
    is_kept(page)
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    assert [check_in.answers["operational"] for check_in in stored(site)] == ["SUSPENDED"]
    page.wait_for_selector("[data-queue] li:has-text('damaged: it can no longer be read here')")
    assert len(page.evaluate(READ_QUEUE)) == 1


@pytest.mark.parametrize(("language", "words"), [("en", "does not report for this site"), ("pl", "nie zgłasza dla tego obiektu")])
def test_what_waits_for_somebody_else_starves_nothing(language: str, words: str, wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site, language)
    elsewhere = a_site(site.organisation)
    wire.state = "cut"
    page.goto(f"{wire.url}/c/{elsewhere.checkin_code}/")
    page.check("[name=people][value=help]")
    page.click(".send button")
    page.wait_for_selector("[data-kept]:visible")
    page.evaluate(ADD_OTHERS)
    page.goto(f"{wire.url}/c/{site.checkin_code}/")
    page.wait_for_selector("[data-queue] li >> nth=55")
    say(page)
    page.wait_for_selector("[data-kept]:visible")
    sent = wire.batches()
    wire.state = "open"
    press(page, "[data-kept] [data-send]")
    page.wait_for_url("**/sent/**")
    assert len(stored(site)) == 1 and stored(elsewhere) == []
    page.wait_for_selector(f"[data-queue] li:has-text('{words}') >> nth=55")
    assert "report" not in page.inner_text("[data-queue]") or language == "en", "the phone's own words"
    assert wire.batches() - sent <= 8, "each is asked once in one go"


def test_what_the_first_version_of_the_page_kept_opens_and_is_sent(wire: Wire, context: Any, site: Site) -> None:
    user = a_user(site.organisation, Role.SITE_REPORTER, sites=[site])
    sign_in(context, wire, user)
    page = open_page(context, f"{wire.url}/c/style.css")
    page.evaluate(FIRST_SCHEMA, site.checkin_code)
    page.goto(f"{wire.url}/c/{site.checkin_code}/")
    until(lambda: len(stored(site)) == 2)
    until(lambda: page.evaluate(READ_QUEUE) == [])
    first, second = stored(site)
    assert (first.answers["operational"], first.answers["not_reached"], first.seq) == ("EVACUATED", 12, 1)
    assert second.answers["same"] is True


def test_the_holder_empties_the_phone_in_two_presses_and_reads_what_goes(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    is_kept(page)
    page.click("text=Leave this phone")
    assert "check-ins that were not sent: 1." in page.inner_text("[data-leave]")
    assert len(page.evaluate(READ_QUEUE)) == 1, "to read it deletes nothing"
    page.click("[data-empty]")
    page.wait_for_selector("[data-wiped]:not([hidden])")
    assert page.inner_text("[data-wiped]").endswith("check-ins that were not sent: 1.")
    holds_nothing(page)
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then(found => found.length)") == 0
    wire.state = "open"
    page.reload()
    is_ready(page)
    with acting_as(SYSTEM):
        device.refresh_from_db()
    assert device.revoked_at is None and device.wiped_at is None, "its coordinator ends it, not this"


def test_of_an_older_day_only_the_careful_answer_is_offered(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    page.reload()
    page.wait_for_selector(".same:visible")
    assert page.is_visible("[name=people][value=all]") and not page.is_visible("[name=people][value=reached]")
    page.evaluate(CHANGE_ALL, ["meta", "age"])
    page.reload()
    page.wait_for_selector("[name=people][value=reached]:visible")
    assert not page.is_visible(".same") and not page.is_visible("[name=people][value=all]")
    wire.state = "open"
    page.reload()
    page.wait_for_selector(".same:visible")


def test_a_revoked_phone_deletes_what_it_holds_and_says_what_that_was(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    keep_one_on_a_lost_phone(page, wire, site, device)
    assert page.inner_text("[data-wiped]").endswith("check-ins that were not sent: 1.")
    holds_nothing(page)
    assert stored(site) == []
    with acting_as(SYSTEM):
        until(lambda: Device.objects.get(pk=device.pk).wiped_at is not None)
    page.reload()
    assert page.locator("form[data-checkin]").count() == 0


def test_the_second_tab_of_a_wiped_phone_says_so_and_keeps_no_queue(wire: Wire, context: Any, site: Site) -> None:
    page, device = an_enrolled_page(context, wire, site)
    second = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    is_ready(second)
    keep_one_on_a_lost_phone(page, wire, site, device)
    second.wait_for_selector("[data-wiped]:not([hidden])")
    assert "in another window" in second.inner_text("[data-wiped]")
    assert second.locator("form[data-checkin], [data-queue], [data-kept]").count() == 0, "nothing more is taken here"
    second.wait_for_timeout(5500)  # what it draws again every five seconds opens nothing anew
    holds_nothing(second)
    assert stored(site) == []


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


def test_who_asked_for_help_keeps_the_numbers_and_who_knows_without_a_signal(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    page.clock.install()
    page.check("[name=people][value=help]")
    page.click(".send button")
    page.wait_for_url("**/sent/**")
    wire.state = "cut"
    page.clock.fast_forward(31_000)
    page.wait_for_selector("[data-stands]:has-text('No answer from the portal')")
    page.click("[data-look]")
    page.wait_for_selector("[data-stands]:has-text('No answer from the portal')")
    assert page.locator("section.help .tels a").count() == 3 and page.is_visible("text=Who knows of it")
    assert "Nobody has acknowledged it" in page.inner_text("section.help") or "asks within a minute" in page.inner_text(
        "section.help"
    )
    wire.state = "portal"
    page.click("[data-look]")
    page.wait_for_selector("[data-stands]:has-text('No answer from the portal')")
    with acting_as(a_coordinator(site.organisation)):
        follow_up_check_in(check_in=stored(site)[0])
    wire.state = "open"
    page.clock.fast_forward(31_000)
    page.wait_for_selector("[role=status]:has-text('has read it and taken it on')")
    assert "This is how it stands at" in page.inner_text("[data-stands]")
    assert page.locator("section.help .tels a").count() == 3 and page.complaints == []


def test_what_was_stored_is_said_also_where_its_page_does_not_come(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "batches"
    page.check("[name=people][value=help]")
    page.click(".send button")
    page.wait_for_selector("[data-kept] h1:text-is('Sent')")
    assert page.inner_text("[data-why]") == "Stored by the server." and len(stored(site)) == 1
    assert page.locator("[data-help] .tels a:visible").count() == 3
    assert not page.is_visible("text=Nobody knows of it yet") and not page.is_visible("[data-line]")
    assert not page.is_visible("form[data-checkin]"), "no empty form as if nothing had been sent"
    wire.state = "open"
    page.wait_for_url("**/sent/**")


def test_another_tab_that_sent_or_deleted_it_leaves_no_empty_page(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    second = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    wire.state = "cut"
    for tab in (page, second):
        say(tab)
        is_kept(tab)
    second.click("[data-queue] li >> nth=0 >> button")
    second.click("[data-queue] li >> nth=0 >> button")
    second.wait_for_selector("[data-queue] li >> nth=1", state="detached")
    wire.state = "open"
    press(second, "[data-kept] [data-send]")
    second.wait_for_url("**/sent/**")
    page.wait_for_selector("form[data-checkin]:visible")
    assert len(stored(site)) == 1


def test_the_question_before_a_deletion_outlives_a_list_that_is_drawn_anew(wire: Wire, context: Any, site: Site) -> None:
    page, _device = an_enrolled_page(context, wire, site)
    wire.state = "cut"
    say(page)
    is_kept(page)
    page.click("[data-queue] li button")
    asked = page.wait_for_selector("[data-queue] li button:focus:text-is('Delete it unsent?')")
    asked.evaluate("button => button.setAttribute('data-old', '')")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("[data-queue] li button:not([data-old]):focus:text-is('Delete it unsent?')")
    page.click("[data-queue] li button")
    page.wait_for_selector("[data-queue] li", state="detached")
    assert len(stored(site)) == 0


def test_a_reporter_of_two_sites_still_chooses_which(wire: Wire, context: Any, site: Site) -> None:
    other = a_site(site.organisation, name="Depot Skylark")
    sign_in(context, wire, a_user(site.organisation, Role.SITE_REPORTER, sites=[site, other]))
    is_ready(open_page(context, f"{wire.url}/c/{site.checkin_code}/"))
    page = open_page(context, f"{wire.url}/check-in/")
    page.wait_for_load_state("networkidle")
    assert page.url == f"{wire.url}/check-in/"
    page.click("text=Depot Skylark")
    page.wait_for_url(f"**/c/{other.checkin_code}/")
    until(lambda: page.evaluate(READ_CODE) == other.checkin_code)
    page.goto(f"{wire.url}/c/")
    page.wait_for_url(f"**/c/{other.checkin_code}/")
    page.click("text=My other sites")
    page.wait_for_url("**/check-in/")


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


def test_a_whole_first_visit_with_the_copy_for_the_blackout(wire: Wire, context: Any, site: Site, record_property: Any) -> None:
    """After the form answers: worker, copy of the form, what the phone may offer. Style and script are not sent twice."""
    sign_in(context, wire, a_user(site.organisation, Role.SITE_REPORTER, sites=[site]))
    page = open_page(context, f"{wire.url}/c/{site.checkin_code}/")
    is_ready(page)
    page.wait_for_load_state("networkidle")
    asked = [line.split()[1] for line in wire.asked]
    assert asked.count("/c/sw.js") == asked.count("/c/") == 1
    assert len(asked) <= 9, asked
    assert wire.weight <= 26_000
    record_property("figures", f"first check-in visit, with its copy: {wire.weight} bytes, {len(asked)} requests")


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
