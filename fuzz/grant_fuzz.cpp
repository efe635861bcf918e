// rooms: wire
// Owner control messages, ledger pages and error bodies: what parses must encode and parse again.
#include <cstdlib>

#include "wire/errors.hpp"
#include "wire/ledger_api.hpp"
#include "wire/sms_api.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    if (const auto policy = wire::parse_grant_policy(text); policy && !wire::parse_grant_policy(wire::encode(*policy)))
        std::abort();
    if (const auto stop = wire::parse_revoke_grant(text); stop && !wire::parse_revoke_grant(wire::encode(*stop)))
        std::abort();
    if (const auto head = wire::parse_tree_head(text); head && !wire::parse_tree_head(wire::encode(*head))) std::abort();
    if (const auto page = wire::parse_ledger_leaves(text); page && !wire::parse_ledger_leaves(wire::encode(*page)))
        std::abort();
    if (const auto body = wire::parse_error_body(text); body && !wire::parse_error_body(wire::encode(*body))) std::abort();
    (void)wire::parse_inclusion_proof(text);
    (void)wire::parse_consistency_proof(text);
    return 0;
}
