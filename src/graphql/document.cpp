#include "graphql/document.hpp"

#include <algorithm>

#include "base/result.hpp"
#include "codec/utf8.hpp"
#include "graphql/internal/parser.hpp"
#include "graphql/internal/rules.hpp"

namespace iapp::graphql {

const Fragment* Document::find_fragment(std::string_view name) const
{
    const auto found = fragments.find(name);
    return found == fragments.end() ? nullptr : &found->second;
}

Outcome<Document> parse(std::string_view text, const Limits& limits)
{
    if (text.size() > limits.max_bytes)
        return refuse("graphql.size", "a document has at most " + std::to_string(limits.max_bytes) + " bytes");
    if (!codec::is_utf8(text)) return refuse("graphql.utf8", "a document is UTF-8");
    TRY(Document document, internal::Parser(text, limits).document());
    TRY_OK(internal::check_rules(document, limits));
    return document;
}

Outcome<const Operation*> find_operation(const Document& document, std::string_view name)
{
    if (document.operations.empty()) return refuse("graphql.operation", "the document has no operation to run");
    if (name.empty() && document.operations.size() == 1) return &document.operations.front();
    if (name.empty()) return refuse("graphql.operation", "operationName says which of several operations to run");
    const auto found = std::ranges::find(document.operations, name, &Operation::name);
    if (found == document.operations.end())
        return refuse("graphql.operation", "there is no operation '" + std::string(name) + "'");
    return &*found;
}

}  // namespace iapp::graphql
