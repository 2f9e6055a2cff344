//! What a browser loads: the islands of the library, and [`hydrate`], which a page calls to start them.

// A page calls the functions it needs; nothing runs because the module is loaded.
#![no_main]

use wasm_bindgen::prelude::wasm_bindgen;

/// Starts the islands. The script in a page's head calls it.
#[wasm_bindgen]
pub fn hydrate() {
    groupdesk::hydrate();
}
