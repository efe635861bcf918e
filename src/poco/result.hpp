#pragma once
// What a task leaves behind: its digest (the value consensus is about), the link stored on chain, and computed.json.
// Works on values; walking /iexec_out belongs to the agent.
#include <optional>
#include <span>
#include <string>

#include "base/fixed_bytes.hpp"
#include "eth/address.hpp"

namespace iapp::poco {

/// A declared regular file: the SHA-256 of its bytes.
Hash256 file_digest(ByteView content);

/// One direct child of a declared directory, in the order of its path. A sub-directory or an empty file has no hash.
using ChildHash = std::optional<Hash256>;

/// A declared directory: keccak256 of the children's SHA-256 values, concatenated.
Hash256 directory_digest(std::span<const ChildHash> children_sorted_by_path);

/// A callback task: keccak256 of the bytes the hub will pass on.
Hash256 callback_digest(ByteView callback_data);

/// The name under /iexec_in of an input file: "0x" and the SHA-256 of its URL text.
std::string input_file_name(std::string_view url);

struct ComputedJson {
    std::optional<std::string> deterministic_output_path;
    std::optional<Bytes> callback_data;
    std::optional<std::string> error_message;
};
/// What the app wrote to computed.json. Unknown members are ignored, as they always were.
/// Errors: those of json::parse, invalid_input "computed.output" (neither path nor callback data), "computed.callback_data".
Result<ComputedJson> parse_computed_json(std::string_view text);

/// Where a result is. `receipt` is ours and absent in other implementations' links.
struct ResultLink {
    std::string storage;                 ///< "ipfs", "dropbox", "ethereum"
    std::string location;                ///< "/ipfs/<cid>"
    std::optional<std::string> receipt;  ///< "/ipfs/<cid>"

    friend bool operator==(const ResultLink&, const ResultLink&) = default;
};

/// `{ "storage": "ipfs", "location": "/ipfs/Qm…" }`, spaces included.
std::string encode(const ResultLink& link);
/// Any valid JSON object with these members; other members are ignored. Errors: invalid_input "result.link".
Result<ResultLink> parse_result_link(std::string_view text);

}  // namespace iapp::poco
