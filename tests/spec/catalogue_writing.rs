//! JSON:API 1.1: creating, updating and deleting, and errors.

use super::catalogue::Proof::{Declined, NotApplicable, Test};
use super::catalogue::Source::Format;
use super::catalogue::{Section, must, should};

const DONE: &str = "All that is asked for is done when the answer is sent; there is no 202.";
const CLIENT_IDS: &str =
    "Ids are made by the system: an id of a client's making is refused before anything else is asked of it.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: Format,
        name: "Creating, Updating and Deleting Resources",
        statements: &[must(
            "a request succeeds as a whole or not at all",
            Test("a_request_happens_whole_or_not_at_all"),
        )],
    },
    Section {
        source: Format,
        name: "Creating Resources",
        statements: &[
            must(
                "a creation has one resource object as its primary data",
                Test("a_creation_takes_one_resource_object_with_a_type"),
            ),
            must("with a type", Test("a_creation_takes_one_resource_object_with_a_type")),
            must(
                "a relationship of it is an object with data",
                Test("a_relationship_of_a_creation_is_an_object_with_data"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Creating Resources / Client-Generated IDs",
        statements: &[
            must("an id of a client's making is in the member id", NotApplicable(CLIENT_IDS)),
            must("it is a universally unique identifier", NotApplicable(CLIENT_IDS)),
            must(
                "403 for an id of a client's making where that is not supported",
                Test("an_id_made_by_a_client_is_403"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Creating Resources / Responses",
        statements: &[
            must(
                "201 with the resource that was created",
                Test("a_created_resource_is_answered_201_with_itself_and_where_it_is"),
            ),
            should("with a Location", Test("a_created_resource_is_answered_201_with_itself_and_where_it_is")),
            must(
                "which is the resource's link to itself",
                Test("a_created_resource_is_answered_201_with_itself_and_where_it_is"),
            ),
            must("202 for what is not done yet", NotApplicable(DONE)),
            must(
                "201 or 204 where the server adds nothing to the resource",
                NotApplicable("The system always adds something: the id and the times."),
            ),
            must(
                "404 for a related resource that does not exist",
                Test("a_creation_that_names_what_does_not_exist_is_404"),
            ),
            must("409 for an id of a client's making that exists", NotApplicable(CLIENT_IDS)),
            must(
                "409 for a type that the collection does not hold",
                Test("a_type_that_the_collection_does_not_hold_is_409"),
            ),
            should(
                "a conflict is told in enough detail to see where it comes from",
                Test("a_conflict_tells_what_it_is_about"),
            ),
            must("answers keep to HTTP", Test("answers_keep_to_http_whatever_the_method")),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources",
        statements: &[
            must(
                "an update has one resource object as its primary data",
                Test("an_update_takes_one_resource_object_with_its_type_and_id"),
            ),
            must("with a type and an id", Test("an_update_takes_one_resource_object_with_its_type_and_id")),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources / Updating a Resource's Attributes",
        statements: &[
            must(
                "an attribute that is left out is read as its current value",
                Test("attributes_that_are_left_out_stay_as_they_are"),
            ),
            must("and not as null", Test("attributes_that_are_left_out_stay_as_they_are")),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources / Updating a Resource's Relationships",
        statements: &[
            must(
                "a relationship that is left out is read as its current value",
                Test("relationships_that_are_left_out_stay_as_they_are"),
            ),
            must("and not as null or empty", Test("relationships_that_are_left_out_stay_as_they_are")),
            must(
                "a relationship that is there is an object with data",
                Test("a_relationship_of_an_update_is_an_object_with_data"),
            ),
            must(
                "403 for the whole update where it has a full replacement that is not allowed",
                Test("a_full_replacement_is_403_and_takes_the_whole_update_with_it"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Updating Resources / Responses",
        statements: &[
            must(
                "200 with the resource where more changed than was asked for",
                Test("an_update_that_changes_more_than_was_said_is_answered_with_the_resource"),
            ),
            must("202 for what is not done yet", NotApplicable(DONE)),
            must(
                "200 or 204 where nothing else changed",
                Test("an_update_that_changes_nothing_is_answered_200_with_the_resource"),
            ),
            must("403 for an update that is not supported", Test("an_update_that_is_not_supported_is_403")),
            must("404 for a resource that does not exist", Test("an_update_of_what_does_not_exist_is_404")),
            must(
                "404 for a related resource that does not exist",
                Test("an_update_that_names_what_does_not_exist_is_404"),
            ),
            must(
                "409 for a type or an id that is not the address's",
                Test("a_type_or_an_id_other_than_the_addresss_is_409"),
            ),
            should(
                "a conflict is told in enough detail to see where it comes from",
                Test("a_conflict_tells_what_it_is_about"),
            ),
            must("answers keep to HTTP", Test("answers_keep_to_http_whatever_the_method")),
        ],
    },
    Section {
        source: Format,
        name: "Updating Relationships / Updating To-One Relationships",
        statements: &[
            must(
                "a change has data that is an identifier or null",
                Test("a_to_one_change_takes_an_identifier_or_null"),
            ),
            must(
                "a change that went well is answered with success",
                Test("a_to_one_relationship_is_changed_and_cleared"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Updating Relationships / Updating To-Many Relationships",
        statements: &[
            must(
                "a change has data that is an array of identifiers",
                Test("a_to_many_change_takes_an_array_of_identifiers"),
            ),
            must(
                "PATCH replaces all members, or is refused, with 403 where that is not allowed",
                Test("a_replacement_of_all_members_is_403"),
            ),
            must("POST adds members unless they are there", Test("members_are_added_unless_they_are_there")),
            must("and none of them twice", Test("members_are_added_unless_they_are_there")),
            must(
                "and succeeds when all are there in the end",
                Test("members_are_added_unless_they_are_there"),
            ),
            must("DELETE removes members, or is 403", Test("members_are_removed_unless_they_are_gone")),
            must(
                "and succeeds when none is there in the end",
                Test("members_are_removed_unless_they_are_gone"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Updating Relationships / Responses",
        statements: &[
            must(
                "200 with the linkage where more changed than was asked for",
                NotApplicable(
                    "A change of a relationship of ours changes what was asked for and nothing else, which \
                     the tests of such changes look at.",
                ),
            ),
            must("202 for what is not done yet", NotApplicable(DONE)),
            must(
                "200 or 204 where nothing else changed",
                Test("a_to_one_relationship_is_changed_and_cleared"),
            ),
            must(
                "403 for a change that is not supported",
                Test("a_relationship_that_cannot_be_changed_is_403"),
            ),
            must("answers keep to HTTP", Test("answers_keep_to_http_whatever_the_method")),
        ],
    },
    Section {
        source: Format,
        name: "Deleting Resources / Responses",
        statements: &[
            must("202 for what is not done yet", NotApplicable(DONE)),
            must(
                "200 with a document or 204 without one",
                Test("a_deletion_is_answered_204_without_a_document"),
            ),
            should(
                "404 for a resource that does not exist",
                Test("a_deletion_of_what_does_not_exist_is_404"),
            ),
            must("answers keep to HTTP", Test("answers_keep_to_http_whatever_the_method")),
        ],
    },
    Section {
        source: Format,
        name: "Errors / Processing Errors",
        statements: &[should(
            "several problems are answered with the status that fits them all",
            Test("several_problems_are_answered_with_what_fits_them_all"),
        )],
    },
    Section {
        source: Format,
        name: "Errors / Error Objects",
        statements: &[
            must("errors are an array at the top", Test("errors_are_an_array_of_objects_that_say_something")),
            must(
                "an error has at least one member",
                Test("errors_are_an_array_of_objects_that_say_something"),
            ),
            should(
                "about leads to a description that people can read",
                Declined(
                    "It leads to the enrollment that is in the way, as the contract says: what a program \
                     goes on with. People read the detail.",
                ),
            ),
            should(
                "type leads to an explanation of the kind of error",
                NotApplicable(
                    "The types that we name are the profile's, which has their pages at jsonapi.org.",
                ),
            ),
            should("an error has a status", Test("errors_are_an_array_of_objects_that_say_something")),
            should("a title is the same each time", Test("a_title_is_the_same_each_time")),
            should(
                "a source has a pointer, a parameter or a header, or is left out",
                Test("a_source_names_one_place_or_is_left_out"),
            ),
            must(
                "a pointer leads to a value that is in the request",
                Test("a_pointer_leads_to_a_value_of_the_request"),
            ),
        ],
    },
];
