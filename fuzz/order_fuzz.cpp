// rooms: codec poco
// Any text as an order, as request params, as a result link and as computed.json. An accepted order survives encoding.
#include "poco/order_hash.hpp"
#include "poco/params.hpp"
#include "poco/result.hpp"

namespace {

using namespace iapp;

template <class Order>
void check(Result<Order> (*parse)(std::string_view), std::string_view text)
{
    const auto order = parse(text);
    if (!order) return;
    for (const auto numbers : {poco::Numbers::as_text, poco::Numbers::as_number})
        if (const auto again = parse(poco::encode(*order, numbers)); !again || *again != *order) __builtin_trap();
    static_cast<void>(poco::struct_hash(*order));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const std::string_view text = as_text({data, size});
    check(poco::parse_app_order, text);
    check(poco::parse_dataset_order, text);
    check(poco::parse_workerpool_order, text);
    check(poco::parse_request_order, text);
    if (const auto params = poco::parse_params(text);
        params.degraded.empty() && poco::parse_params(poco::encode(params)) != params)
        __builtin_trap();
    static_cast<void>(poco::check_params(text));
    static_cast<void>(poco::parse_computed_json(text));
    if (const auto link = poco::parse_result_link(text); link && *poco::parse_result_link(poco::encode(*link)) != *link)
        __builtin_trap();
    return 0;
}
