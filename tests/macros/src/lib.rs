//! The attribute of integration tests that need a database.

use proc_macro::TokenStream;
use quote::quote;
use syn::{Ident, ItemFn, parse_macro_input};

/// Declares an asynchronous test that takes the `PgPool` of its own database. `#[database_test]` applies all
/// migrations, and `#[database_test(empty)]` leaves the database empty.
#[proc_macro_attribute]
pub fn database_test(arguments: TokenStream, test: TokenStream) -> TokenStream {
    let contents = if arguments.is_empty() {
        quote!(Migrated)
    } else {
        let word = parse_macro_input!(arguments as Ident);
        if word != "empty" {
            return syn::Error::new(word.span(), "the only argument is `empty`").into_compile_error().into();
        }
        quote!(Empty)
    };
    let mut test = parse_macro_input!(test as ItemFn);
    let attributes = std::mem::take(&mut test.attrs);
    let name = &test.sig.ident;
    // The future is boxed, so that the code that runs tests is compiled once and not for each test.
    quote! {
        #(#attributes)*
        #[::core::prelude::v1::test]
        fn #name() {
            #test
            crate::support::database::run(
                ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name)),
                crate::support::database::Contents::#contents,
                |pool| ::std::boxed::Box::pin(#name(pool)),
            );
        }
    }
    .into()
}
