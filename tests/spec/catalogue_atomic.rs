//! The atomic-operations extension.

use super::catalogue::Proof::Test;
use super::catalogue::Source::Atomic;
use super::catalogue::{Section, must, should};

pub const SECTIONS: &[Section] = &[
    Section {
        source: Atomic,
        name: "Document Structure",
        statements: &[
            must("data and included are absent", Test("result_documents_have_only_results")),
            must("operations is an array of objects", Test("operations_are_an_array_of_objects")),
            must(
                "errors does not coexist with operations or results",
                Test("result_documents_have_only_results"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Document Structure / Operation Objects",
        statements: &[
            must("an operation has a code", Test("operation_codes_are_add_update_remove")),
            must("the code is add, update or remove", Test("operation_codes_are_add_update_remove")),
            must("a target is either a ref or an href", Test("target_is_either_a_ref_or_an_href")),
            must(
                "a ref has a type and an id or a lid, and optionally a relationship",
                Test("target_is_either_a_ref_or_an_href"),
            ),
            must("a lid in a ref was defined by an earlier operation", Test("unknown_local_ids_are_refused")),
            must(
                "an href is a URI reference to the target",
                Test("href_identifies_the_same_target_as_a_ref"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing",
        statements: &[
            must("operations are sent with POST", Test("operations_require_post")),
            must("operations run in their order", Test("operations_run_in_order")),
            must("operations succeed or fail together", Test("failed_operation_rolls_back_all")),
            must("a failure rolls back the operations before it", Test("failed_operation_rolls_back_all")),
            must("200 if there is a document", Test("result_documents_have_only_results")),
            must(
                "the document has an array of results at the top level",
                Test("result_documents_have_only_results"),
            ),
            must("there are as many results as operations", Test("results_are_in_the_order_of_operations")),
            must(
                "each result has the position of its operation",
                Test("results_are_in_the_order_of_operations"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing / Processing Errors",
        statements: &[
            must("a failure returns an error document", Test("errors_point_into_the_failed_operation")),
            should(
                "the sources of errors point into the request",
                Test("errors_point_into_the_failed_operation"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Creating Resources",
        statements: &[
            must(
                "a creation is an add with a resource object as its data",
                Test("add_requires_a_resource_object_with_a_type"),
            ),
            must("the resource object has a type", Test("add_requires_a_resource_object_with_a_type")),
            must("the result has the resource as its data", Test("add_returns_the_resource")),
            must("a failed creation returns an error", Test("add_requires_a_resource_object_with_a_type")),
            should("the error is in an error document", Test("add_requires_a_resource_object_with_a_type")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Updating Resources",
        statements: &[
            must("an update has a target", Test("update_requires_an_existing_target")),
            must("the code of an update is update", Test("update_returns_the_resource")),
            must(
                "the result has the resource as its data if more changed than requested",
                Test("update_returns_the_resource"),
            ),
            must(
                "the result has the resource or nothing if nothing else changed",
                Test("update_returns_the_resource"),
            ),
            must("a failed update returns an error", Test("update_requires_an_existing_target")),
            should("the error is in an error document", Test("update_requires_an_existing_target")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Deleting Resources",
        statements: &[
            must("a deletion has a target", Test("remove_requires_an_existing_target")),
            must("the code of a deletion is remove", Test("remove_returns_no_data")),
            must("the result has no data, or the response is 204", Test("remove_returns_no_data")),
            must("a failed deletion returns an error", Test("remove_requires_an_existing_target")),
            should("the error is in an error document", Test("remove_requires_an_existing_target")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Updating To-One Relationships",
        statements: &[
            must("a to-one change has a target", Test("to_one_update_returns_no_data")),
            must("the code of a to-one change is update", Test("to_one_update_returns_no_data")),
            must("the result has no data, or the response is 204", Test("to_one_update_returns_no_data")),
            must("a failed change returns an error", Test("to_one_update_returns_no_data")),
            should("the error is in an error document", Test("to_one_update_returns_no_data")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Updating To-Many Relationships",
        statements: &[
            must("a to-many change has a target", Test("to_many_changes_return_no_data")),
            must("add adds members", Test("to_many_changes_return_no_data")),
            must("update replaces all members", Test("invalid_to_many_changes_are_refused")),
            must("remove removes members", Test("to_many_changes_return_no_data")),
            must(
                "the result has no data, or the response is 204",
                Test("operations_without_results_return_no_document"),
            ),
            must("a failed change returns an error", Test("invalid_to_many_changes_are_refused")),
            should("the error is in an error document", Test("invalid_to_many_changes_are_refused")),
        ],
    },
];
