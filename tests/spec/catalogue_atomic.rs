//! The atomic-operations extension.

use super::catalogue::Proof::Test;
use super::catalogue::Source::Atomic;
use super::catalogue::{Section, must, should};

pub const SECTIONS: &[Section] = &[
    Section {
        source: Atomic,
        name: "Document Structure",
        statements: &[
            must("data and included are not there", Test("a_document_of_results_holds_nothing_beside_them")),
            must("operations are an array of objects", Test("operations_come_in_an_array_of_objects")),
            must(
                "errors are not there beside operations or results",
                Test("a_document_of_results_holds_nothing_beside_them"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Document Structure / Operation Objects",
        statements: &[
            must("an operation has a code", Test("an_operation_has_one_of_three_codes")),
            must("which is add, update or remove", Test("an_operation_has_one_of_three_codes")),
            must(
                "a target is a ref or an href, and not both",
                Test("a_target_is_a_ref_or_an_href_and_never_both"),
            ),
            must(
                "a ref has a type and an id or a lid, and maybe a relationship",
                Test("a_target_is_a_ref_or_an_href_and_never_both"),
            ),
            must(
                "a lid in a ref is one that an operation before has given",
                Test("a_local_id_that_stands_for_nothing_is_refused"),
            ),
            must("an href is a URI reference to the target", Test("an_href_names_what_a_ref_does")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing",
        statements: &[
            must("operations are sent with POST", Test("operations_are_posted")),
            must("they are done in their order", Test("operations_are_done_in_their_order")),
            must("they are done all or none", Test("one_failure_undoes_all_that_was_done_before_it")),
            must(
                "a failure undoes what was done before it",
                Test("one_failure_undoes_all_that_was_done_before_it"),
            ),
            must("200 where there is a document", Test("a_document_of_results_holds_nothing_beside_them")),
            must(
                "which has an array of results at the top",
                Test("a_document_of_results_holds_nothing_beside_them"),
            ),
            must("as long as that of the operations", Test("each_operation_has_its_result_at_its_own_place")),
            must(
                "with each result at the place of its operation",
                Test("each_operation_has_its_result_at_its_own_place"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing / Processing Errors",
        statements: &[
            must(
                "a failure is answered as the standard says",
                Test("an_error_points_into_the_operation_that_failed"),
            ),
            should(
                "with errors whose sources point into the request",
                Test("an_error_points_into_the_operation_that_failed"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Creating Resources",
        statements: &[
            must(
                "a creation is an add with a resource object as its data",
                Test("a_creation_takes_a_resource_object_with_a_type_and_may_fail"),
            ),
            must("which has a type", Test("a_creation_takes_a_resource_object_with_a_type_and_may_fail")),
            must("its result has the resource as its data", Test("a_created_resource_is_the_result")),
            must(
                "one that cannot be is answered with an error",
                Test("a_creation_takes_a_resource_object_with_a_type_and_may_fail"),
            ),
            should(
                "in a document with errors",
                Test("a_creation_takes_a_resource_object_with_a_type_and_may_fail"),
            ),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Updating Resources",
        statements: &[
            must("an update names its target", Test("an_update_needs_its_target_and_may_fail")),
            must("it is an update by its code", Test("an_updated_resource_is_the_result")),
            must(
                "its result has the resource as its data where more changed than was said",
                Test("an_updated_resource_is_the_result"),
            ),
            must(
                "and has it, or nothing, where nothing else changed",
                Test("an_updated_resource_is_the_result"),
            ),
            must(
                "one that cannot be is answered with an error",
                Test("an_update_needs_its_target_and_may_fail"),
            ),
            should("in a document with errors", Test("an_update_needs_its_target_and_may_fail")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Deleting Resources",
        statements: &[
            must("a deletion names its target", Test("a_removal_needs_its_target_and_may_fail")),
            must("it is a remove by its code", Test("a_removal_has_no_data_for_a_result")),
            must("its result has no data, or there is a 204", Test("a_removal_has_no_data_for_a_result")),
            must(
                "one that cannot be is answered with an error",
                Test("a_removal_needs_its_target_and_may_fail"),
            ),
            should("in a document with errors", Test("a_removal_needs_its_target_and_may_fail")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Updating To-One Relationships",
        statements: &[
            must("a change names its target", Test("a_to_one_relationship_is_updated_and_tells_nothing")),
            must("it is an update by its code", Test("a_to_one_relationship_is_updated_and_tells_nothing")),
            must(
                "its result has no data, or there is a 204",
                Test("a_to_one_relationship_is_updated_and_tells_nothing"),
            ),
            must(
                "one that cannot be is answered with an error",
                Test("a_to_one_relationship_is_updated_and_tells_nothing"),
            ),
            should("in a document with errors", Test("a_to_one_relationship_is_updated_and_tells_nothing")),
        ],
    },
    Section {
        source: Atomic,
        name: "Processing Specific Operations / Updating To-Many Relationships",
        statements: &[
            must(
                "a change names its target",
                Test("members_of_a_to_many_relationship_are_added_and_removed_and_tell_nothing"),
            ),
            must(
                "members are added with add",
                Test("members_of_a_to_many_relationship_are_added_and_removed_and_tell_nothing"),
            ),
            must(
                "all of them are replaced with update",
                Test("a_change_of_members_that_cannot_be_is_an_error"),
            ),
            must(
                "members are removed with remove",
                Test("members_of_a_to_many_relationship_are_added_and_removed_and_tell_nothing"),
            ),
            must(
                "its result has no data, or there is a 204",
                Test("operations_that_have_nothing_to_tell_are_answered_without_a_document"),
            ),
            must(
                "one that cannot be is answered with an error",
                Test("a_change_of_members_that_cannot_be_is_an_error"),
            ),
            should("in a document with errors", Test("a_change_of_members_that_cannot_be_is_an_error")),
        ],
    },
];
