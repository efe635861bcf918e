// rooms: wire
// The worker's Authorization header: one spelling, so what parses encodes to the very same text. Bodies of the worker API
// too.
#include <cstdlib>

#include "wire/scheduler_api.hpp"
#include "wire/workerpool_authorization.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace iapp;
    const std::string_view text = as_text({data, size});
    if (const auto auth = wire::parse_worker_auth(text); auth && wire::encode(*auth) != text) std::abort();
    (void)wire::parse_lease(text);
    (void)wire::parse_report(text);
    (void)wire::parse_authorize_request(text);
    (void)wire::parse_renew_request(text);
    if (const auto authorization = wire::parse_workerpool_authorization(text)) (void)authorization->hash();
    (void)wire::personal_signer(text, Hash256::zero());
    return 0;
}
