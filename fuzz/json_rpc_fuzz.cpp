// rooms: chain
// What a node may answer: envelopes of calls and batches, and every value we read out of them.
#include <cstdlib>

#include "chain/internal/json_rpc.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    using namespace iapp::chain::internal;
    for (const std::size_t calls : {1U, 2U, 3U}) {
        auto answers = parse_answers(as_text({data, size}), calls);
        if (!answers) continue;
        if (answers->size() != calls) std::abort();
        for (Answer& answer : *answers) {
            if (answer) {
                (void)read_u64(*answer).has_value();
                (void)read_bytes(*answer).has_value();
                (void)read_hash(*answer).has_value();
                (void)read_block(*answer).has_value();
                (void)read_logs(*answer).has_value();
                (void)read_receipt(*answer).has_value();
                (void)read_transaction(*answer).has_value();
            }
            if (const auto outcome = read_outcome(std::move(answer));
                outcome && !outcome->reverted && !outcome->reason().empty())
                std::abort();
        }
    }
    return 0;
}
