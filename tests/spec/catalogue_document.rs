//! JSON:API 1.1: media types, content negotiation, document structure.

use super::catalogue::Proof::{Declined, NotApplicable, Test};
use super::catalogue::Source::Format;
use super::catalogue::{Section, must, should};

const NO_AUTHOR: &str = "We define no extension and no profile; we apply those that others have written.";
const NO_LINK_OBJECTS: &str = "We send no link objects: every link of ours is a string or null.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: Format,
        name: "Rules for Media Type Parameters",
        statements: &[
            must(
                "the media type has no parameters but ext and profile",
                Test("a_content_type_has_no_parameters_but_ext_and_profile_each_a_list_of_uris"),
            ),
            must(
                "ext and profile are lists of URIs with spaces between",
                Test("a_content_type_has_no_parameters_but_ext_and_profile_each_a_list_of_uris"),
            ),
            should(
                "the URI of an extension or a profile leads to its documentation",
                NotApplicable("The two that we apply have their pages at jsonapi.org, which is not ours."),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Rules for Media Type Parameters / Rules for Extensions",
        statements: &[
            must(
                "an extension takes nothing from the standard or from other extensions",
                NotApplicable(NO_AUTHOR),
            ),
            must("an extension with members or parameters has a namespace", NotApplicable(NO_AUTHOR)),
            must("a namespace has at least one character", NotApplicable(NO_AUTHOR)),
            must("a namespace has letters and digits of ASCII only", NotApplicable(NO_AUTHOR)),
            must("an extension has one namespace and no second", NotApplicable(NO_AUTHOR)),
            must("parameters and members of an extension share its namespace", NotApplicable(NO_AUTHOR)),
        ],
    },
    Section {
        source: Format,
        name: "Rules for Media Type Parameters / Rules for Profiles",
        statements: &[
            must(
                "a profile defines no parameters but those left to implementations",
                NotApplicable(NO_AUTHOR),
            ),
            must("a profile takes nothing from the standard or from extensions", NotApplicable(NO_AUTHOR)),
        ],
    },
    Section {
        source: Format,
        name: "Content Negotiation / Universal Responsibilities",
        statements: &[
            must("documents are sent with the media type", Test("every_document_is_sent_as_json_api")),
            must(
                "the Content-Type names the extensions that are applied",
                Test("results_are_sent_with_the_extension_that_they_follow"),
            ),
            must(
                "the Content-Type names the profiles that are applied",
                Test("a_page_is_sent_with_the_profile_that_it_follows_and_nothing_else_is"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Content Negotiation / Server Responsibilities",
        statements: &[
            must(
                "415 for a body with a parameter other than ext and profile",
                Test("a_body_with_any_other_parameter_is_415"),
            ),
            must(
                "415 for a body in an extension that is not supported",
                Test("a_body_in_an_extension_that_is_not_supported_there_is_415"),
            ),
            must(
                "and so for a request that has no use for a body",
                Test("a_content_type_that_cannot_be_is_415_whatever_the_method"),
            ),
            must(
                "what Accept says with another parameter is ignored",
                Test("an_accept_with_any_other_parameter_counts_for_nothing"),
            ),
            must(
                "406 when all that Accept says has another parameter",
                Test("an_accept_with_any_other_parameter_counts_for_nothing"),
            ),
            must(
                "406 when all that Accept says has an unsupported extension",
                Test("an_accept_of_nothing_but_unknown_extensions_is_406"),
            ),
            should("a profile that is asked for is applied", Test("a_profile_that_is_asked_for_is_applied")),
            must("a profile that is not known is ignored", Test("a_profile_that_is_not_known_is_ignored")),
            should("answers say that they vary by Accept", Test("every_answer_varies_by_accept")),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure",
        statements: &[
            must(
                "members that an extension adds are named by its rules",
                Test("a_document_of_results_holds_nothing_beside_them"),
            ),
            must(
                "objects have no members beside those that are defined",
                Test("no_object_has_a_member_that_the_standard_does_not_name"),
            ),
            must(
                "members that are not defined are ignored",
                Test("members_that_the_standard_does_not_name_are_ignored"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Top Level",
        statements: &[
            must(
                "the root is an object",
                Test("every_document_is_an_object_with_data_or_errors_and_never_both"),
            ),
            must(
                "there is data, errors, meta or a member of an extension",
                Test("every_document_is_an_object_with_data_or_errors_and_never_both"),
            ),
            must(
                "data and errors are never together",
                Test("every_document_is_an_object_with_data_or_errors_and_never_both"),
            ),
            must(
                "without data there is no included",
                Test("every_document_is_an_object_with_data_or_errors_and_never_both"),
            ),
            should(
                "with an extension or a profile applied, self is a link object that tells the media type",
                Declined(
                    "All links are strings, as the contract shows them; the profile of a page is told by its \
                     Content-Type and its jsonapi object.",
                ),
            ),
            must(
                "primary data is an object, an identifier or null where one is addressed, else an array",
                Test("primary_data_is_one_or_many_as_its_address_is"),
            ),
            must(
                "a collection is an array also when it has one item or none",
                Test("a_collection_is_an_array_of_none_one_or_many"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects",
        statements: &[must(
            "a resource has an id and a type",
            Test("every_resource_has_a_type_and_an_id_that_are_strings"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Identification",
        statements: &[
            must("a resource has a type", Test("every_resource_has_a_type_and_an_id_that_are_strings")),
            must(
                "a resource has an id unless a client is about to create it",
                Test("every_resource_has_a_type_and_an_id_that_are_strings"),
            ),
            must(
                "a lid is the same wherever a document names its resource",
                Test("a_local_id_that_stands_for_nothing_is_refused"),
            ),
            must("id, type and lid are strings", Test("an_identity_that_is_no_string_is_refused")),
            must(
                "a type and an id together are one resource",
                Test("a_type_and_an_id_are_one_resource_wherever_they_are"),
            ),
            must(
                "a type is named as a member is",
                Test("every_name_is_a_legal_member_name_of_url_safe_characters"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Fields",
        statements: &[must(
            "attributes, relationships, type and id share one set of names",
            Test("attributes_and_relationships_share_their_names_with_nobody"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Attributes",
        statements: &[
            must(
                "attributes are an object",
                Test("attributes_and_relationships_are_objects_and_each_relationship_is"),
            ),
            should(
                "a reference to another resource is no attribute",
                Test("another_resource_is_told_by_a_relationship_and_by_no_attribute"),
            ),
            should(
                "it is a relationship instead",
                Test("another_resource_is_told_by_a_relationship_and_by_no_attribute"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Relationships",
        statements: &[
            must(
                "relationships are an object",
                Test("attributes_and_relationships_are_objects_and_each_relationship_is"),
            ),
            must(
                "a relationship is an object",
                Test("attributes_and_relationships_are_objects_and_each_relationship_is"),
            ),
            must(
                "a relationship has links, data, meta or a member of an extension",
                Test("every_relationship_has_a_link_to_itself_and_one_to_what_it_relates_to"),
            ),
            must(
                "page links of a relationship are of its linkage",
                Test("every_relationship_has_a_link_to_itself_and_one_to_what_it_relates_to"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Related Resource Links",
        statements: &[
            must(
                "a related link is valid also when nothing is related",
                Test("a_related_link_answers_also_when_nothing_is_related"),
            ),
            must(
                "a related link stays when what is related changes",
                Test("a_related_link_stays_as_it_is_when_the_relationship_changes"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Resource Linkage",
        statements: &[must(
            "linkage is null, an empty array, an identifier or an array of them",
            Test("linkage_is_null_empty_one_or_many"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Resource Links",
        statements: &[must(
            "a resource is the primary data at its link to itself",
            Test("a_resource_is_at_its_link_to_itself"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Identifier Objects",
        statements: &[
            must("an identifier has a type", Test("every_identifier_has_a_type_and_an_id_that_are_strings")),
            must(
                "an identifier has an id unless it stands for what is about to be created",
                Test("an_identifier_without_a_type_or_an_id_is_refused"),
            ),
            must("then it has a lid", Test("a_local_id_stands_for_what_was_created_before")),
            must(
                "type, id and lid of an identifier are strings",
                Test("every_identifier_has_a_type_and_an_id_that_are_strings"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Compound Documents",
        statements: &[
            must(
                "included resources are one array at the top",
                Test("what_is_included_is_linked_from_the_primary_data_and_is_there_once"),
            ),
            must(
                "each is linked from the primary data, directly or over others",
                Test("what_is_included_is_linked_from_the_primary_data_and_is_there_once"),
            ),
            must(
                "no type and id is there twice",
                Test("what_is_included_is_linked_from_the_primary_data_and_is_there_once"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Meta Information",
        statements: &[must("a meta is an object", Test("every_meta_is_an_object"))],
    },
    Section {
        source: Format,
        name: "Document Structure / Links",
        statements: &[
            must("links are an object", Test("every_link_is_a_uri_reference_or_null")),
            must(
                "a link is a string that is a URI reference, a link object or null",
                Test("every_link_is_a_uri_reference_or_null"),
            ),
            should(
                "what a link means is told by its name, unless it has a rel",
                NotApplicable(
                    "It is for who reads links; ours are named as the standard names them, with no rel.",
                ),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Links / Link Objects",
        statements: &[
            must("a link object has an href that is a URI reference", NotApplicable(NO_LINK_OBJECTS)),
            must("a rel is a valid link relation type", NotApplicable(NO_LINK_OBJECTS)),
            must("an hreflang is a valid language tag", NotApplicable(NO_LINK_OBJECTS)),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / JSON:API Object",
        statements: &[
            must("jsonapi is an object", Test("the_jsonapi_object_tells_the_version_and_what_is_applied")),
            must(
                "nothing is negotiated by its ext or its profile",
                Test("the_jsonapi_member_of_a_body_negotiates_nothing"),
            ),
            must(
                "what is negotiated is negotiated by media type parameters",
                Test("the_jsonapi_member_of_a_body_negotiates_nothing"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names",
        statements: &[
            must("names are case sensitive", Test("names_are_case_sensitive")),
            must(
                "a name has at least one character",
                Test("every_name_is_a_legal_member_name_of_url_safe_characters"),
            ),
            must(
                "a name has allowed characters only",
                Test("every_name_is_a_legal_member_name_of_url_safe_characters"),
            ),
            must(
                "a name begins and ends with a letter, a digit or what is beyond ASCII",
                Test("every_name_is_a_legal_member_name_of_url_safe_characters"),
            ),
            should(
                "a name has characters that need no encoding in a URL",
                Test("every_name_is_a_legal_member_name_of_url_safe_characters"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names / Reserved Characters",
        statements: &[must(
            "no name has a reserved character",
            Test("every_name_is_a_legal_member_name_of_url_safe_characters"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names / @-Members",
        statements: &[must(
            "members that begin with an at sign are ignored",
            Test("members_that_begin_with_an_at_sign_are_ignored_wherever_they_are"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names / Extension Members",
        statements: &[
            must(
                "the name of an extension's member begins with its namespace and a colon",
                Test("a_document_of_results_holds_nothing_beside_them"),
            ),
            must("the rest of it is a legal name", Test("a_document_of_results_holds_nothing_beside_them")),
        ],
    },
];
