// Requests and answers of JSON-RPC 2.0 (jsonrpc.org/specification), and the error words of the common execution clients.
#include "chain/internal/json_rpc.hpp"

#include <algorithm>
#include <array>
#include <boost/json/monotonic_resource.hpp>

namespace iapp::chain::internal {
namespace {

constexpr json::Limits kAnswerLimits{.max_bytes = std::size_t{256} << 20U, .max_depth = 64};

std::unexpected<Error> malformed(std::string detail) { return fail(ErrorKind::corrupt, "rpc.response", std::move(detail)); }

void append_call(std::string& out, const RpcCall& call, std::size_t id)
{
    out += R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":")" + call.method + R"(","params":)" +
           call.params + '}';
}

/// What clients say when a transaction or a call is refused. The first phrase that occurs decides.
struct Phrase {
    std::string_view words;
    ErrorKind kind;
    std::string_view reason;
};
constexpr std::array kPhrases{
    Phrase{"nonce too low", ErrorKind::conflict, "rpc.nonce"},
    Phrase{"nonce too high", ErrorKind::conflict, "rpc.nonce"},
    Phrase{"replacement transaction underpriced", ErrorKind::conflict, "rpc.nonce"},
    Phrase{"nonce is too low", ErrorKind::conflict, "rpc.nonce"},
    Phrase{"invalid nonce", ErrorKind::conflict, "rpc.nonce"},
    Phrase{"already known", ErrorKind::conflict, "rpc.known"},
    Phrase{"already imported", ErrorKind::conflict, "rpc.known"},
    Phrase{"already exists", ErrorKind::conflict, "rpc.known"},
    Phrase{"insufficient funds", ErrorKind::precondition_failed, "rpc.funds"},
    Phrase{"too many requests", ErrorKind::unavailable, "rpc.busy"},
    Phrase{"rate limit", ErrorKind::unavailable, "rpc.busy"},
};
/// Execution that stopped without REVERT: the contract said no, in the bluntest way.
constexpr std::array<std::string_view, 6> kHalts{"revert",    "invalid opcode", "invalidfeopcode",
                                                 "evm error", "out of gas",     "stack underflow"};

/// The node, or the one of several behind its address, does not have the block or its state: it is behind, or the block was
/// replaced.
constexpr std::array<std::string_view, 8> kNoState{
    "header not found", "header for hash not found", "not currently canonical", "unknown block",
    "block not found",  "missing trie node",         "historical state",        "world state unavailable"};

constexpr std::int64_t kMethodNotFound = -32601, kLimitExceeded = -32005, kResourceNotFound = -32001, kExecutionReverted = 3;

std::string lower(std::string_view text)
{
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](unsigned char c) { return static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c); });
    return out;
}

/// The revert data of an error: a hex text, with "Reverted " before it in some clients, or one object deeper in others.
Bytes revert_data(const json::Value* data)
{
    if (data != nullptr && data->is_object()) data = data->get_object().if_contains("data");
    if (data == nullptr || !data->is_string()) return {};
    std::string_view hex_text = data->get_string();
    if (const auto at = hex_text.find("0x"); at != std::string_view::npos) hex_text.remove_prefix(at);
    return parse_hex0x(hex_text).value_or(Bytes{});
}

NodeError reverted(std::string_view message, Bytes data)
{
    std::string reason = eth::revert_reason(data);
    if (reason.empty()) reason = message;
    return {Error{ErrorKind::precondition_failed, "rpc.revert", std::move(reason)}, std::move(data)};
}

Result<Answer> read_answer(json::Object& object)
{
    if (const json::Value* error = object.if_contains("error"); error != nullptr && !error->is_null())
        return Answer{std::unexpected(read_node_error(*error))};
    if (json::Value* result = object.if_contains("result")) return Answer{std::move(*result)};
    return malformed("an answer has neither result nor error");
}

/// Puts one element of the answer where its id says.
Status place(json::Value& element, std::vector<std::optional<Answer>>& answers)
{
    if (!element.is_object()) return malformed("an answer is not an object");
    json::Object& object = element.get_object();
    const json::Value* id = object.if_contains("id");
    std::size_t position = 0;
    if (id != nullptr && id->is_int64() && id->get_int64() > 0) position = static_cast<std::size_t>(id->get_int64());
    if (position == 0 || position > answers.size() || answers[position - 1]) {
        if (object.contains("error") && answers.size() == 1) position = 1;  // errors of the envelope carry id null
        else return malformed("an answer has an id that was not asked for, or one id twice");
    }
    TRY(Answer answer, read_answer(object));
    answers[position - 1] = std::move(answer);
    return {};
}

}  // namespace

Result<CallOutcome> read_outcome(Answer answer)
{
    if (answer) {
        TRY(Bytes data, read_bytes(*answer));
        return CallOutcome{false, std::move(data)};
    }
    if (answer.error().revert_data) return CallOutcome{true, *std::move(answer.error().revert_data)};
    return std::unexpected(std::move(answer).error().error);
}

std::string encode_request(std::span<const RpcCall> calls)
{
    std::string out;
    if (calls.size() == 1) {
        append_call(out, calls[0], 1);
        return out;
    }
    out = "[";
    for (std::size_t i = 0; i < calls.size(); ++i) {
        if (i > 0) out += ',';
        append_call(out, calls[i], i + 1);
    }
    return out += ']';
}

Result<std::vector<Answer>> parse_answers(std::string_view body, std::size_t calls)
{
    auto parsed = json::parse(body, boost::json::make_shared_resource<boost::json::monotonic_resource>(), kAnswerLimits);
    if (!parsed) return malformed("the node did not answer JSON: " + parsed.error().detail);
    std::vector<std::optional<Answer>> placed(calls);
    if (parsed->is_array()) {
        for (json::Value& element : parsed->get_array()) TRY_OK(place(element, placed));
    } else {
        // A node that refuses a whole batch answers one object.
        if (calls > 1 && parsed->is_object() && parsed->get_object().contains("error"))
            return std::unexpected(read_node_error(parsed->get_object().at("error")).error);
        TRY_OK(place(*parsed, placed));
    }
    std::vector<Answer> answers;
    answers.reserve(calls);
    for (auto& answer : placed) {
        if (!answer) return malformed("the node left a call of the batch unanswered");
        answers.push_back(*std::move(answer));
    }
    return answers;
}

NodeError read_node_error(const json::Value& error)
{
    if (!error.is_object()) return {Error{ErrorKind::internal, "rpc.error", json::print(error)}, std::nullopt};
    const json::Object& object = error.get_object();
    const json::Value* message_value = object.if_contains("message");
    const std::string message(message_value != nullptr && message_value->is_string()
                                  ? std::string_view(message_value->get_string())
                                  : std::string_view("no message"));
    const json::Value* code_value = object.if_contains("code");
    const std::int64_t code = code_value != nullptr && code_value->is_int64() ? code_value->get_int64() : 0;
    const std::string words = lower(message);

    if (code == kExecutionReverted) return reverted(message, revert_data(object.if_contains("data")));
    if (code == kMethodNotFound) return {Error{ErrorKind::invalid_input, "rpc.method", message}, std::nullopt};
    if (code == kLimitExceeded) return {Error{ErrorKind::unavailable, "rpc.busy", message}, std::nullopt};
    for (const Phrase& phrase : kPhrases)
        if (words.find(phrase.words) != std::string::npos) return {Error{phrase.kind, phrase.reason, message}, std::nullopt};
    const auto says = [&](std::string_view phrase) { return words.find(phrase) != std::string::npos; };
    if (std::ranges::any_of(kHalts, says)) return reverted(message, revert_data(object.if_contains("data")));
    // Behind the halts: a contract words its own refusal.
    if (code == kResourceNotFound || std::ranges::any_of(kNoState, says))
        return {Error{ErrorKind::unavailable, "rpc.state", message}, std::nullopt};
    return {Error{ErrorKind::internal, "rpc.error", message + " (code " + std::to_string(code) + ")"}, std::nullopt};
}

}  // namespace iapp::chain::internal
