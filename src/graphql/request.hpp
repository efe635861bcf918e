#pragma once
// What a client posts: a document, which operation of it, and values for its variables (GraphQL over HTTP, POST of JSON).
// Not HTTP: the caller has the body already.
#include "graphql/document.hpp"

namespace iapp::graphql {

struct Request {
    Document document;
    std::string operation_name;  ///< empty without one
    Value variables;             ///< an object; JSON text is a string, a JSON integer an integer
};

/// Reads {"query":"…","variables":{…},"operationName":"…"}; other members are ignored, null counts as absent.
/// Reasons: graphql.request, and those of parse().
Outcome<Request> parse_request(std::string_view body, const Limits& limits = {});

}  // namespace iapp::graphql
