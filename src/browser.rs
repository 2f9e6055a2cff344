//! What a browser loads: the islands of the library, and [`hydrate`], which a page calls to start them.

// A page calls the functions it needs; nothing runs because the module is loaded.
#![no_main]

use wasm_bindgen::prelude::wasm_bindgen;

/// Called by the script in a page's head: brings the islands to life.
#[wasm_bindgen]
pub fn hydrate() {
    groupdesk::hydrate();
}
