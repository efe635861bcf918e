// rooms: index
// Requests to the subgraphs, run against empty tables: each is refused or answered, and never makes a statement that the
// database does not understand.
#include <cstdlib>

#include "codec/json.hpp"
#include "index/query.hpp"
#include "index/schema.hpp"

namespace {

using namespace iapp;

void check(bool ok)
{
    if (!ok) std::abort();
}

store::Database& database()
{
    static store::Database opened = store::Database::open_memory(index::migrations()).value();
    return opened;
}

void ask(const index::Subgraph& subgraph, std::string_view body)
{
    const auto answer = index::answer_graphql(database(), subgraph, {7, "0x07", 77}, body);
    check(answer && (answer->status == 200 || answer->status == 400 || answer->status == 413));
    check(answer->body.find("\"index.statement\"") == std::string::npos || body.find("index.statement") != body.npos);
    const auto json = json::parse(answer->body, {.max_bytes = std::size_t{64} << 20U, .max_depth = 64});
    check(json && json->is_object() && json->get_object().contains(answer->status == 200 ? "data" : "errors"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text{reinterpret_cast<const char*>(data), size};
    const std::string wrapped = json::print(json::Object{{"query", text}});
    for (const index::Subgraph* subgraph : {&index::poco_subgraph(), &index::dataprotector_subgraph()}) {
        ask(*subgraph, text);
        ask(*subgraph, wrapped);
    }
    return 0;
}
