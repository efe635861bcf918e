// Transactions as they were sent. What they did is in the rows of their events.
#include "index/internal/event_handlers.hpp"

namespace iapp::index::internal {

Status add_transaction(const Scene& scene, const Hash256& hash)
{
    Writer& writer = scene.writer;
    const chain::Transaction& sent = scene.facts.transactions.at(hash);
    const auto to = sent.to ? std::optional(sent.to->hex()) : std::nullopt;
    const Bytes gas_limit = encode_number(sent.gas_limit);
    TRY_OK(scene.ledger.touch(writer, sent.from));
    if (sent.to) TRY_OK(scene.ledger.touch(writer, *sent.to));
    // The subgraph's gasUsed has always been the limit; its readers know it as that.
    TRY_OK(
        writer.run("INSERT INTO \"transaction\" (id, timestamp, block_number, \"from\", \"to\", value, gas_limit, "
                   "gas_used, gas_price) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
                   hash.hex(), writer.place().time, writer.place().block, sent.from.hex(), to, encode_number(sent.value),
                   gas_limit, gas_limit, encode_number(sent.gas_price)));
    return {};
}

}  // namespace iapp::index::internal
