#include "market/filters.hpp"

#include <charconv>
#include <optional>

#include "market/listing.hpp"

namespace iapp::market {
namespace {

constexpr std::uint64_t kLeastPage = 10;
constexpr std::uint64_t kLargestPage = 1000;

std::unexpected<Error> refuse(std::string message)
{
    return fail(ErrorKind::invalid_input, "market.query", std::move(message));
}

Bytes blob(std::span<const std::uint8_t> bytes) { return {bytes.begin(), bytes.end()}; }

std::int64_t sql_number(std::uint64_t number) { return static_cast<std::int64_t>(number); }

/// Reads parameters into conditions; the first bad one is remembered and the rest skipped.
class Builder {
public:
    explicit Builder(const net::Query& query) : query_(query) {}

    std::optional<std::string_view> text(std::string_view name) const { return query_.find(name); }

    std::optional<std::uint64_t> number(std::string_view name, std::uint64_t least, std::uint64_t most = kMaxNumber)
    {
        const auto given = text(name);
        if (!given) return std::nullopt;
        const auto parsed = parse_number(name, *given);
        if (parsed && *parsed >= least && *parsed <= most) return *parsed;
        set_error(std::string(name) + " must be an integer between " + std::to_string(least) + " and " +
                  std::to_string(most));
        return std::nullopt;
    }

    bool flag(std::string_view name)
    {
        const auto given = text(name).value_or("false");
        if (given != "true" && given != "false" && given != "1" && given != "0")
            set_error(std::string(name) + " must be true or false");
        return given == "true" || given == "1";
    }

    /// Nothing when the parameter is absent or `any`.
    std::optional<Bytes> address_or_any(std::string_view name)
    {
        const auto given = text(name);
        if (!given || *given == "any") return std::nullopt;
        if (const auto address = eth::Address::from_hex(*given)) return blob(address->bytes());
        set_error(std::string(name) + " is neither \"any\" nor a valid ethereum address");
        return std::nullopt;
    }

    std::optional<Bytes> address(std::string_view name)
    {
        const auto given = text(name);
        if (!given) return std::nullopt;
        if (const auto address = parse_address(name, *given)) return blob(address->bytes());
        set_error(std::string(name) + " is not a valid ethereum address");
        return std::nullopt;
    }

    std::optional<Hash256> hash(std::string_view name)
    {
        const auto given = text(name);
        if (!given) return std::nullopt;
        const auto parsed = parse_hash(name, *given);
        if (parsed) return *parsed;
        set_error(parsed.error().detail);
        return std::nullopt;
    }

    // Conditions. `column` is the name of the parameter unless given.
    Builder& equals_or_any(std::string_view name)
    {
        if (const auto wanted = address_or_any(name)) out_.require(std::string(name) + " = ?", *wanted);
        return *this;
    }

    Builder& address_is(std::string_view name, std::string_view column)
    {
        if (const auto wanted = address(name)) out_.require(std::string(column) + " = ?", *wanted);
        return *this;
    }

    Builder& hash_is(std::string_view name, std::string_view column)
    {
        if (const auto wanted = hash(name)) out_.require(std::string(column) + " = ?", blob(wanted->bytes()));
        return *this;
    }

    Builder& number_is(std::string_view name, std::string_view condition, std::uint64_t least = 0)
    {
        if (const auto wanted = number(name, least)) out_.require(condition, sql_number(*wanted));
        return *this;
    }

    /// The restriction rule: absent is zero only, `any` is everything, an address is itself or zero, strictly itself.
    Builder& restriction(std::string_view name, std::string_view strict_name)
    {
        const std::string column(name);
        const bool is_strict = flag(strict_name);
        const auto wanted = address_or_any(name);
        const Bytes zero(eth::Address::kSize);
        if (!text(name)) out_.require(column + " = ?", zero);
        else if (wanted && is_strict) out_.require(column + " = ?", *wanted);
        else if (wanted) out_.require(column + " IN (?, ?)", zero, *wanted);
        return *this;
    }

    Builder& tags()
    {
        constexpr std::array kColumns{"tag0", "tag1", "tag2", "tag3"};
        if (const auto least = hash("minTag")) {
            const auto words = tag_words(poco::Tag{least->array()});
            for (std::size_t i = 0; i < words.size(); ++i)
                if (words[i] != 0) out_.require("(" + std::string(kColumns[i]) + " & ?) = ?", words[i], words[i]);
        }
        if (const auto most = hash("maxTag")) {
            const auto words = tag_words(poco::Tag{most->array()});
            for (std::size_t i = 0; i < words.size(); ++i)
                if (words[i] != -1) out_.require("(" + std::string(kColumns[i]) + " & ?) = 0", ~words[i]);
        }
        return *this;
    }

    Builder& page()
    {
        const auto index = number("pageIndex", 0);
        const auto size = number("pageSize", kLeastPage, kLargestPage);
        const auto legacy = number("page", 0);
        if (size) out_.page.limit = *size;
        if (index) out_.page.offset = *index * out_.page.limit;  // below 2^53 * 1000: no overflow
        if (!text("pageIndex") && !text("pageSize") && legacy) out_.page.offset = *legacy;
        return *this;
    }

    ListQuery& out() { return out_; }

    void set_error(std::string message)
    {
        if (error_.empty()) error_ = std::move(message);
    }

    Result<ListQuery> finish()
    {
        if (!error_.empty()) return refuse(std::move(error_));
        return std::move(out_);
    }

private:
    const net::Query& query_;
    ListQuery out_;
    std::string error_;
};

void app_filters(Builder& in)
{
    in.equals_or_any("app");
    in.restriction("dataset", "isDatasetStrict")
        .restriction("workerpool", "isWorkerpoolStrict")
        .restriction("requester", "isRequesterStrict");
}

void dataset_filters(Builder& in)
{
    in.equals_or_any("dataset");
    in.restriction("app", "isAppStrict")
        .restriction("workerpool", "isWorkerpoolStrict")
        .restriction("requester", "isRequesterStrict");
    if (in.flag("bulkOnly")) in.out().require("volume >= ?", sql_number(kMaxNumber - 1)), in.out().require("rank = 0");
}

void workerpool_filters(Builder& in)
{
    in.equals_or_any("workerpool").number_is("category", "category = ?");
    in.restriction("app", "isAppStrict")
        .restriction("dataset", "isDatasetStrict")
        .restriction("requester", "isRequesterStrict");
    if (const auto trust = in.number("minTrust", 0); trust && *trust > 1) in.out().require("trust >= ?", sql_number(*trust));
}

void request_filters(Builder& in)
{
    in.equals_or_any("app").equals_or_any("dataset").equals_or_any("requester").equals_or_any("beneficiary");
    in.number_is("category", "category = ?")
        .restriction("workerpool", "isWorkerpoolStrict")
        .number_is("maxTrust", "trust <= ?");
}

void kind_filters(OrderKind kind, Builder& in)
{
    switch (kind) {
        case OrderKind::app:
            return app_filters(in);
        case OrderKind::dataset:
            return dataset_filters(in);
        case OrderKind::workerpool:
            return workerpool_filters(in);
        case OrderKind::request:
            return request_filters(in);
    }
}

}  // namespace

std::array<std::int64_t, 4> tag_words(const poco::Tag& tag)
{
    std::array<std::int64_t, 4> words;
    for (std::size_t i = 0; i < words.size(); ++i) {
        std::uint64_t word = 0;
        for (const std::uint8_t byte : tag.bytes().subspan(i * 8, 8)) word = word << 8U | byte;
        words.at(i) = static_cast<std::int64_t>(word);
    }
    return words;
}

Result<std::uint64_t> parse_number(std::string_view name, std::string_view text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (!text.empty() && error == std::errc{} && end == text.data() + text.size() && value <= kMaxNumber) return value;
    return refuse(std::string(name) + " must be an integer between 0 and " + std::to_string(kMaxNumber));
}

Result<eth::Address> parse_address(std::string_view name, std::string_view text)
{
    if (const auto address = eth::Address::from_hex(text)) return *address;
    return refuse(std::string(name) + " is not a valid ethereum address");
}

Result<Hash256> parse_hash(std::string_view name, std::string_view text)
{
    if (const auto hash = Hash256::from_hex(text)) return *hash;
    return refuse(std::string(name) + " must be a bytes32 hexstring");
}

Status check_chain_id(const net::Query& query, std::uint64_t served)
{
    const auto given = query.find("chainId");
    if (!given || given->empty()) return refuse("chainId is a required field");
    if (*given != std::to_string(served)) return refuse("chainId " + std::string(*given) + " is not supported");
    return {};
}

Result<ListQuery> parse_order_query(OrderKind kind, const net::Query& query)
{
    const KindInfo& info = kind_info(kind);
    Builder in(query);
    const bool must_name_resource = kind == OrderKind::app || kind == OrderKind::dataset;
    if (must_name_resource && !in.text(info.resource) && !in.text(info.owner))
        return refuse(std::string(info.resource) + " or " + std::string(info.owner) + " is required");
    if (!info.owner.empty()) in.address_is(info.owner, "signer");
    kind_filters(kind, in);
    return in.tags().number_is("minVolume", "remaining >= ?", 1).page().finish();
}

Result<ListQuery> parse_deal_query(const net::Query& query)
{
    Builder in(query);
    in.number_is("category", "category = ?");
    for (const auto& [name, column] : {std::pair{"requester", "requester"},
                                       {"beneficiary", "beneficiary"},
                                       {"app", "app"},
                                       {"dataset", "dataset"},
                                       {"workerpool", "workerpool"},
                                       {"appOwner", "app_owner"},
                                       {"datasetOwner", "dataset_owner"},
                                       {"workerpoolOwner", "workerpool_owner"}})
        in.address_is(name, column);
    in.hash_is("apporderHash", "app_hash").hash_is("datasetorderHash", "dataset_hash");
    in.hash_is("workerpoolorderHash", "workerpool_hash").hash_is("requestorderHash", "request_hash");
    return in.page().finish();
}

Result<ListQuery> parse_category_query(const net::Query& query)
{
    Builder in(query);
    in.number_is("minWorkClockTimeRef", "work_time >= ?").number_is("maxWorkClockTimeRef", "work_time <= ?");
    return in.page().finish();
}

}  // namespace iapp::market
