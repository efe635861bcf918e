#pragma once
// JSON pieces the agent API's documents share. For .cpp files of this room.
#include "attest/ledger.hpp"
#include "codec/json.hpp"
#include "eth/address.hpp"
#include "eth/signature.hpp"
#include "eth/u256.hpp"

namespace iapp::wire::internal {

inline Result<std::string> read_text(const json::ObjectReader& in, std::string_view name)
{
    TRY(const std::string_view text, in.text(name));
    return std::string(text);
}

/// A decimal string: amounts may exceed what JSON numbers keep.
inline Result<eth::U256> read_u256(const json::ObjectReader& in, std::string_view name)
{
    TRY(const std::string_view digits, in.text(name));
    return eth::U256::from_dec(digits);
}

inline Result<crypto::Signature65> read_signature(const json::ObjectReader& in, std::string_view name)
{
    TRY(const std::string_view digits, in.text(name));
    return eth::parse_signature_hex(digits);
}

/// A value that another parser reads from text.
inline Result<std::string> read_nested(const json::ObjectReader& in, std::string_view name)
{
    TRY(const json::Value* value, in.value(name));
    return json::print(*value);
}

/// Text made by one of our encoders, as a value to put inside a larger document.
inline json::Value nest(std::string_view our_json)
{
    auto value = json::parse(our_json);
    return value ? *std::move(value) : json::Value();
}

/// {"size","root","timestamp","signature"}
json::Object tree_head_object(const attest::TreeHead& head);
Result<attest::TreeHead> read_tree_head(const json::ObjectReader& in);

}  // namespace iapp::wire::internal
