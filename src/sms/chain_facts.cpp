#include "sms/chain_facts.hpp"

namespace iapp::sms {

bool is_outage(const Error& error)
{
    const bool is_away = error.kind == ErrorKind::unavailable || error.kind == ErrorKind::deadline_exceeded ||
                         error.kind == ErrorKind::cancelled;
    const bool is_nodes = error.reason.starts_with("rpc.") && error.reason != "rpc.revert";
    return is_away || is_nodes || error.reason.starts_with("store.");
}

}  // namespace iapp::sms
