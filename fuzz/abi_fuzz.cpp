// rooms: eth poco
// Any bytes as what a hub answers or logs: refused, or a value that survives encoding.
#include "eth/abi.hpp"
#include "poco/events.hpp"
#include "poco/sharing_events.hpp"
#include "poco/views.hpp"

namespace {

using namespace iapp;

/// The first words are the topics, as many as an event has.
eth::Log as_log(ByteView bytes, std::size_t topics)
{
    eth::Log log;
    for (; log.topics.size() < topics && bytes.size() >= 32; bytes = bytes.subspan(32))
        log.topics.emplace_back(bytes.first<32>());
    log.data = to_bytes(bytes);
    return log;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    const ByteView bytes(data, size);
    if (const auto deal = poco::decode_deal(bytes); deal && *poco::decode_deal(poco::encode_deal(*deal)) != *deal)
        __builtin_trap();
    if (const auto task = poco::decode_task(bytes); task && *poco::decode_task(poco::encode_task(*task)) != *task)
        __builtin_trap();
    static_cast<void>(poco::decode_category(bytes));
    static_cast<void>(poco::decode_domain(bytes));
    static_cast<void>(poco::decode_app(bytes));
    static_cast<void>(poco::decode_contribution(bytes));
    for (std::size_t topics = 1; topics <= 4; ++topics) {
        static_cast<void>(poco::decode_hub_event(as_log(bytes, topics)));
        static_cast<void>(poco::decode_sharing_event(as_log(bytes, topics)));
    }
    static_cast<void>(eth::revert_reason(bytes));
    return 0;
}
