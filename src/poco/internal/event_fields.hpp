#pragma once
// The arguments of a log, in the order of its event's signature. For the decoders of events; others use those.
#include "poco/events.hpp"

namespace iapp::poco::internal {

/// The arguments of one event: the indexed ones from the topics, the others from the data. Views into the log.
struct Fields {
    std::span<const Hash256> topics;  ///< those not read yet
    eth::AbiReader data;

    Result<Address> indexed_address()
    {
        const Hash256 topic = next_topic();
        return eth::AbiReader(topic.bytes()).address();
    }

    Result<U256> indexed_uint()
    {
        const Hash256 topic = next_topic();
        return eth::AbiReader(topic.bytes()).uint();
    }

    template <class Id>
    Id indexed_id()
    {
        return Id{next_topic().bytes()};
    }

    Result<std::string> text()
    {
        TRY(const std::string_view view, data.string());
        return std::string(view);
    }

private:
    Hash256 next_topic()
    {
        const Hash256 topic = topics.front();
        topics = topics.subspan(1);
        return topic;
    }
};

template <class Event>
Result<Fields> open(const Log& log)
{
    if (!is<Event>(log))
        return fail(ErrorKind::invalid_input, "event.topic",
                    "not a " + std::string(Event::kSignature) + " with " + std::to_string(Event::kTopics - 1) +
                        " indexed arguments");
    return Fields{std::span(log.topics).subspan(1), eth::AbiReader(log.data)};
}

template <class Variant, class... Events>
Result<std::optional<Variant>> decode_alternatives(const Log& log, std::variant<Events...>*)
{
    Result<std::optional<Variant>> out = std::optional<Variant>{};
    const auto attempt = [&]<class Event>(std::in_place_type_t<Event>) {
        if (!is<Event>(log)) return false;
        auto event = Event::decode(log);
        if (event) out = std::optional<Variant>(*std::move(event));
        else out = std::unexpected(std::move(event).error());
        return true;
    };
    static_cast<void>((attempt(std::in_place_type<Events>) || ...));
    return out;
}

/// The alternative of `Variant` that the log is; nullopt for an event that is none of them.
template <class Variant>
Result<std::optional<Variant>> decode_one_of(const Log& log)
{
    return decode_alternatives<Variant>(log, static_cast<Variant*>(nullptr));
}

}  // namespace iapp::poco::internal
