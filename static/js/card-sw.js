// Keeps plan cards that somebody chose to keep on this phone. Scope /card/; the check-in has a worker of its own.
// A card is answered from the phone until its last day, then it is deleted, whatever the network says.
'use strict';

const PREFIX = 'card-';
const META = '/card/meta';

self.addEventListener('install', () => self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(sweep().then(() => self.clients.claim())));
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  const page = url.search ? null : /^\/card\/([0-9a-f-]{36})\/$/.exec(url.pathname);
  if (page) event.respondWith(card(event.request, PREFIX + page[1]));
  else if (url.pathname.startsWith('/static/')) event.respondWith(part(event.request));
});

async function card(request, name) {
  if (!(await caches.has(name))) return fetch(request);
  const meta = await metaOf(name);
  if (isOver(meta)) {
    await caches.delete(name);
    return gone(meta);
  }
  await sweep();
  const kept = await (await caches.open(name)).match(new URL(request.url).pathname);
  return kept || fetch(request);
}

async function part(request) {
  for (const name of await kept()) {
    const found = await (await caches.open(name)).match(request);
    if (found) return found;
  }
  return fetch(request);
}

async function sweep() {
  for (const name of await kept()) {
    if (isOver(await metaOf(name))) await caches.delete(name);
  }
}

function isOver(meta) {
  return meta !== null && Date.now() > meta.until; // none yet: the page is just putting the card here
}

async function kept() {
  return (await caches.keys()).filter((name) => name.startsWith(PREFIX));
}

async function metaOf(name) {
  const found = await (await caches.open(name)).match(META);
  return found ? found.json() : null;
}

function gone(meta) {
  const safe = (text) => String(text || '').replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const html = `<!doctype html><html lang="${safe(meta.language)}"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>–</title><p>${safe(meta.expired)}</p></html>`;
  return new Response(html, { status: 410, headers: { 'Content-Type': 'text/html; charset=utf-8' } });
}
