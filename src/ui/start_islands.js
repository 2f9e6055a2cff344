// Runs once the document is parsed. It does not wait until the browser is idle, which a busy or hidden page may
// never be.
const islands = await import(document.querySelector("link[rel=modulepreload]").href);
await islands.default({ module_or_path: document.querySelector("link[rel=preload][as=fetch]").href });
islands.hydrate();
for (const island of document.querySelectorAll("leptos-island")) {
  await islands[island.dataset.component](island);
}
