//! JSON:API 1.1: media types, content negotiation, document structure.

use super::catalogue::Proof::{Declined, NotApplicable, Test};
use super::catalogue::Source::Format;
use super::catalogue::{Section, must, should};

const NO_AUTHOR: &str = "We define no extension and no profile; we apply those of other authors.";
const NO_LINK_OBJECTS: &str = "We send no link objects: all our links are strings or null.";

pub const SECTIONS: &[Section] = &[
    Section {
        source: Format,
        name: "Rules for Media Type Parameters",
        statements: &[
            must(
                "the media type has no parameters but ext and profile",
                Test("content_type_has_only_ext_and_profile_as_uri_lists"),
            ),
            must(
                "ext and profile are space-separated lists of URIs",
                Test("content_type_has_only_ext_and_profile_as_uri_lists"),
            ),
            should(
                "the URI of an extension or a profile can be dereferenced to its documentation",
                NotApplicable("Both documentation pages are at jsonapi.org, which we do not control."),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Rules for Media Type Parameters / Rules for Extensions",
        statements: &[
            must(
                "an extension does not change or remove features of the standard or of other extensions",
                NotApplicable(NO_AUTHOR),
            ),
            must("an extension with members or parameters has a namespace", NotApplicable(NO_AUTHOR)),
            must("a namespace has at least one character", NotApplicable(NO_AUTHOR)),
            must("a namespace consists of ASCII letters and digits", NotApplicable(NO_AUTHOR)),
            must("an extension has exactly one namespace", NotApplicable(NO_AUTHOR)),
            must("all parameters and members of an extension use its namespace", NotApplicable(NO_AUTHOR)),
        ],
    },
    Section {
        source: Format,
        name: "Rules for Media Type Parameters / Rules for Profiles",
        statements: &[
            must(
                "a profile defines no query parameters except implementation-specific ones",
                NotApplicable(NO_AUTHOR),
            ),
            must(
                "a profile does not change or remove features of the standard or of extensions",
                NotApplicable(NO_AUTHOR),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Content Negotiation / Universal Responsibilities",
        statements: &[
            must("documents are sent with the JSON:API media type", Test("documents_are_sent_as_json_api")),
            must(
                "the Content-Type names the applied extensions",
                Test("results_are_sent_with_the_extension"),
            ),
            must("the Content-Type names the applied profiles", Test("only_pages_are_sent_with_the_profile")),
        ],
    },
    Section {
        source: Format,
        name: "Content Negotiation / Server Responsibilities",
        statements: &[
            must(
                "415 if the Content-Type has a parameter other than ext and profile",
                Test("other_content_type_parameters_are_415"),
            ),
            must(
                "415 if the Content-Type has an unsupported extension",
                Test("unsupported_extension_is_415"),
            ),
            must(
                "the same holds for requests whose body is not used",
                Test("invalid_content_type_is_415_for_every_method"),
            ),
            must(
                "media types of Accept with other parameters are ignored",
                Test("accept_with_other_parameters_is_ignored"),
            ),
            must(
                "406 if all media types of Accept have other parameters",
                Test("accept_with_other_parameters_is_ignored"),
            ),
            must(
                "406 if all media types of Accept have unsupported extensions",
                Test("accept_with_only_unknown_extensions_is_406"),
            ),
            should("a requested profile is applied", Test("requested_profile_is_applied")),
            must("an unknown profile is ignored", Test("unknown_profiles_are_ignored")),
            should("responses vary by Accept", Test("responses_vary_by_accept")),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure",
        statements: &[
            must(
                "members of an extension are named by its rules",
                Test("result_documents_have_only_results"),
            ),
            must("objects have no undefined members", Test("responses_have_only_standard_members")),
            must("undefined members are ignored", Test("unknown_members_of_requests_are_ignored")),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Top Level",
        statements: &[
            must("the root of a document is an object", Test("documents_have_either_data_or_errors")),
            must(
                "a document has data, errors, meta or a member of an extension",
                Test("documents_have_either_data_or_errors"),
            ),
            must("data and errors do not coexist", Test("documents_have_either_data_or_errors")),
            must("included requires data", Test("documents_have_either_data_or_errors")),
            should(
                "if an extension or a profile is applied, self is a link object with the media type",
                Declined(
                    "All links are strings by contract; the profile of a page is in its Content-Type and \
                     its jsonapi object.",
                ),
            ),
            must(
                "primary data is an object, an identifier or null for a single resource, and an array \
                     for a collection",
                Test("primary_data_is_single_or_a_list_by_url"),
            ),
            must(
                "a collection with one or no resource is an array, too",
                Test("collections_are_arrays_of_any_length"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects",
        statements: &[must("a resource has an id and a type", Test("resources_have_type_and_id_strings"))],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Identification",
        statements: &[
            must("a resource has a type", Test("resources_have_type_and_id_strings")),
            must(
                "a resource has an id, except when a client creates it",
                Test("resources_have_type_and_id_strings"),
            ),
            must(
                "a lid identifies the same resource everywhere in a document",
                Test("unknown_local_ids_are_refused"),
            ),
            must("id, type and lid are strings", Test("identity_members_must_be_strings")),
            must("type and id identify one resource", Test("type_and_id_identify_one_resource")),
            must("a type obeys the rules for member names", Test("member_names_are_legal_and_url_safe")),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Fields",
        statements: &[must(
            "attributes, relationships, type and id share one namespace of names",
            Test("field_names_are_unique_in_a_resource"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Attributes",
        statements: &[
            must("attributes is an object", Test("attributes_and_relationships_are_objects")),
            should(
                "a reference to another resource is not an attribute",
                Test("related_resources_are_relationships_not_attributes"),
            ),
            should(
                "a reference to another resource is a relationship",
                Test("related_resources_are_relationships_not_attributes"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Relationships",
        statements: &[
            must("relationships is an object", Test("attributes_and_relationships_are_objects")),
            must("a relationship is an object", Test("attributes_and_relationships_are_objects")),
            must(
                "a relationship has links, data, meta or a member of an extension",
                Test("relationships_have_self_and_related_links"),
            ),
            must(
                "page links of a relationship paginate its linkage",
                Test("relationships_have_self_and_related_links"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Related Resource Links",
        statements: &[
            must(
                "a related link is valid even if there are no related resources",
                Test("related_link_works_without_related_resources"),
            ),
            must(
                "a related link does not change with the related resources",
                Test("related_links_are_stable"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Resource Linkage",
        statements: &[must(
            "linkage is null, an empty array, an identifier or an array of identifiers",
            Test("linkage_is_null_one_or_an_array"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Objects / Resource Links",
        statements: &[must(
            "the self link of a resource returns it as primary data",
            Test("self_link_returns_the_resource"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Resource Identifier Objects",
        statements: &[
            must("an identifier has a type", Test("identifiers_have_type_and_id_strings")),
            must(
                "an identifier has an id, except for a resource that is about to be created",
                Test("incomplete_identifiers_are_refused"),
            ),
            must(
                "an identifier of a resource that is about to be created has a lid",
                Test("local_id_refers_to_an_earlier_creation"),
            ),
            must(
                "type, id and lid of an identifier are strings",
                Test("identifiers_have_type_and_id_strings"),
            ),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Compound Documents",
        statements: &[
            must(
                "included is a single array at the top level",
                Test("included_resources_are_linked_and_unique"),
            ),
            must(
                "every included resource is linked from the primary data, directly or indirectly",
                Test("included_resources_are_linked_and_unique"),
            ),
            must("no type and id occurs twice", Test("included_resources_are_linked_and_unique")),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Meta Information",
        statements: &[must("meta is an object", Test("meta_is_an_object"))],
    },
    Section {
        source: Format,
        name: "Document Structure / Links",
        statements: &[
            must("links is an object", Test("links_are_uri_references_or_null")),
            must(
                "a link is a URI reference, a link object or null",
                Test("links_are_uri_references_or_null"),
            ),
            should(
                "the name of a link is its relation type unless it has a rel",
                NotApplicable(
                    "This concerns readers of links; ours have the names of the standard and no rel.",
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
            must("jsonapi is an object", Test("jsonapi_object_has_version_and_applied_profiles")),
            must(
                "ext and profile of the jsonapi object are not used for negotiation",
                Test("jsonapi_member_of_a_request_is_ignored"),
            ),
            must("negotiation uses media type parameters", Test("jsonapi_member_of_a_request_is_ignored")),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names",
        statements: &[
            must("names are case sensitive", Test("member_names_are_case_sensitive")),
            must("a name has at least one character", Test("member_names_are_legal_and_url_safe")),
            must("a name has only allowed characters", Test("member_names_are_legal_and_url_safe")),
            must(
                "a name begins and ends with a letter, a digit or a non-ASCII character",
                Test("member_names_are_legal_and_url_safe"),
            ),
            should("a name should need no encoding in a URL", Test("member_names_are_legal_and_url_safe")),
        ],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names / Reserved Characters",
        statements: &[must("a name has no reserved characters", Test("member_names_are_legal_and_url_safe"))],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names / @-Members",
        statements: &[must(
            "members that begin with an at sign are ignored",
            Test("at_members_are_ignored_everywhere"),
        )],
    },
    Section {
        source: Format,
        name: "Document Structure / Member Names / Extension Members",
        statements: &[
            must(
                "a member of an extension begins with its namespace and a colon",
                Test("result_documents_have_only_results"),
            ),
            must("the rest of the name is a legal member name", Test("result_documents_have_only_results")),
        ],
    },
];
