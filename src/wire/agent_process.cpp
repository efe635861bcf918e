#include "wire/agent_process.hpp"

#include "codec/json.hpp"
#include "wire/internal/json_pieces.hpp"

namespace iapp::wire {
namespace {

constexpr json::Limits kLimits{.max_bytes = kMaxAgentLineBytes, .max_depth = 3};
constexpr std::uint64_t kMaxPhaseMs = 100ULL * 24 * 3600 * 1000;

/// Our own reason ids on top of the reader's words, so that a caller learns which document was wrong.
template <class T>
Result<T> as(std::string_view reason, Result<T> result)
{
    if (result) return result;
    return fail(ErrorKind::invalid_input, reason, result.error().detail);
}

Result<AgentConfig> read_config(const json::ObjectReader& in)
{
    TRY_OK(in.only({"schema", "chainId", "hub", "dealId", "taskId", "index", "worker", "image", "imageDigest", "smsUrl",
                    "ipfsGatewayUrl", "ipfsApiUrl", "workDir", "deadline", "ledgerSigner", "evidence"}));
    TRY(const auto chain_id, in.u64("chainId"));
    TRY(const auto hub, in.id<eth::Address>("hub"));
    TRY(const auto deal, in.id<poco::DealId>("dealId"));
    TRY(const auto task, in.id<poco::TaskId>("taskId"));
    TRY(const auto index, in.u64("index"));
    TRY(const auto worker, in.id<eth::Address>("worker"));
    TRY(auto image, internal::read_text(in, "image"));
    TRY(auto image_digest, internal::read_text(in, "imageDigest"));
    TRY(auto sms_url, internal::read_text(in, "smsUrl"));
    TRY(auto gateway, internal::read_text(in, "ipfsGatewayUrl"));
    TRY(auto api, internal::read_text(in, "ipfsApiUrl"));
    TRY(auto work_dir, internal::read_text(in, "workDir"));
    TRY(const auto deadline, in.u64("deadline", std::uint64_t{1} << 40));
    TRY(const auto ledger_signer, in.id<eth::Address>("ledgerSigner"));
    TRY(auto evidence, internal::read_text(in, "evidence"));
    return AgentConfig{chain_id,
                       hub,
                       deal,
                       task,
                       index,
                       worker,
                       std::move(image),
                       std::move(image_digest),
                       std::move(sms_url),
                       std::move(gateway),
                       std::move(api),
                       std::move(work_dir),
                       UnixSeconds{std::chrono::seconds(deadline)},
                       ledger_signer,
                       std::move(evidence)};
}

Result<AgentEvent> read_phase(const json::ObjectReader& in)
{
    TRY_OK(in.only({"event", "name", "ms"}));
    TRY(auto name, internal::read_text(in, "name"));
    TRY(const auto ms, in.u64("ms", kMaxPhaseMs));
    return AgentEvent{AgentPhase{std::move(name), std::chrono::milliseconds(ms)}};
}

Result<AgentEvent> read_log(const json::ObjectReader& in)
{
    TRY_OK(in.only({"event", "stream", "text"}));
    TRY(const auto stream, in.text("stream"));
    if (stream != "stdout" && stream != "stderr")
        return fail(ErrorKind::invalid_input, "json.text", "$.stream is neither stdout nor stderr");
    TRY(const auto text, in.text("text"));
    if (text.size() > kMaxAgentLogBytes) return fail(ErrorKind::invalid_input, "json.text", "$.text is too long");
    return AgentEvent{AgentLog{stream == "stdout" ? AppStream::out : AppStream::err, std::string(text)}};
}

Result<AgentEvent> read_success(const json::ObjectReader& in)
{
    TRY_OK(in.only({"event", "status", "digest", "enclaveAddress", "enclaveSignature", "resultLink", "callbackData",
                    "receiptCid", "exitCode"}));
    TRY(const auto digest, in.id<Hash256>("digest"));
    TRY(const auto enclave, in.id<eth::Address>("enclaveAddress"));
    TRY(const auto signature, internal::read_signature(in, "enclaveSignature"));
    TRY(auto link, internal::read_text(in, "resultLink"));
    TRY(auto callback, in.bytes_hex("callbackData"));
    TRY(auto receipt, internal::read_text(in, "receiptCid"));
    TRY(const auto exit_code, in.find_u64("exitCode", 255));
    AgentResult result{digest, enclave, signature, std::move(link), std::move(callback), std::move(receipt)};
    if (exit_code) result.exit_code = static_cast<std::uint8_t>(*exit_code);
    return AgentEvent{std::move(result)};
}

Result<AgentEvent> read_failure(const json::ObjectReader& in)
{
    TRY_OK(in.only({"event", "status", "id", "message"}));
    TRY(auto id, internal::read_text(in, "id"));
    TRY(auto message, internal::read_text(in, "message"));
    return AgentEvent{AgentFailure{std::move(id), std::move(message)}};
}

Result<AgentEvent> read_event(const json::ObjectReader& in)
{
    TRY(const auto event, in.text("event"));
    if (event == "phase") return read_phase(in);
    if (event == "log") return read_log(in);
    if (event != "result") return fail(ErrorKind::invalid_input, "json.text", "$.event is none of phase, log and result");
    TRY(const auto status, in.text("status"));
    if (status == "ok") return read_success(in);
    if (status == "failed") return read_failure(in);
    return fail(ErrorKind::invalid_input, "json.text", "$.status is neither ok nor failed");
}

json::Object object_of(const AgentPhase& phase)
{
    return {{"event", "phase"}, {"name", phase.name}, {"ms", phase.took.count()}};
}

json::Object object_of(const AgentLog& log)
{
    return {{"event", "log"}, {"stream", log.stream == AppStream::out ? "stdout" : "stderr"}, {"text", log.text}};
}

json::Object object_of(const AgentResult& result)
{
    json::Object out{{"event", "result"},
                     {"status", "ok"},
                     {"digest", result.digest.hex()},
                     {"enclaveAddress", result.enclave_address.hex()},
                     {"enclaveSignature", result.enclave_signature.hex()},
                     {"resultLink", result.result_link},
                     {"callbackData", hex0x(result.callback_data)},
                     {"receiptCid", result.receipt_cid}};
    if (result.exit_code) out["exitCode"] = *result.exit_code;
    return out;
}

json::Object object_of(const AgentFailure& failure)
{
    return {{"event", "result"}, {"status", "failed"}, {"id", failure.id}, {"message", failure.message}};
}

}  // namespace

std::string encode(const AgentConfig& config)
{
    return json::print(json::Object{{"schema", kAgentConfigSchema},
                                    {"chainId", config.chain_id},
                                    {"hub", config.hub.hex()},
                                    {"dealId", config.deal.hex()},
                                    {"taskId", config.task.hex()},
                                    {"index", config.index},
                                    {"worker", config.worker.hex()},
                                    {"image", config.image},
                                    {"imageDigest", config.image_digest},
                                    {"smsUrl", config.sms_url},
                                    {"ipfsGatewayUrl", config.ipfs_gateway_url},
                                    {"ipfsApiUrl", config.ipfs_api_url},
                                    {"workDir", config.work_dir},
                                    {"deadline", config.deadline.time_since_epoch().count()},
                                    {"ledgerSigner", config.ledger_signer.hex()},
                                    {"evidence", config.evidence}});
}

Result<AgentConfig> parse_agent_config(std::string_view line)
{
    TRY(const json::Value value, as("agent_config.json", json::parse(line, kLimits)));
    TRY(const auto in, as("agent_config.json", json::ObjectReader::of(value)));
    const auto schema = in.text("schema");
    if (!schema || *schema != kAgentConfigSchema)
        return fail(ErrorKind::invalid_input, "agent_config.schema", "expected schema " + std::string(kAgentConfigSchema));
    return as("agent_config.field", read_config(in));
}

std::string encode(const AgentEvent& event)
{
    return std::visit([](const auto& e) { return json::print(object_of(e)); }, event);
}

Result<AgentEvent> parse_agent_event(std::string_view line)
{
    TRY(const json::Value value, as("agent_event.json", json::parse(line, kLimits)));
    TRY(const auto in, as("agent_event.json", json::ObjectReader::of(value)));
    return as("agent_event.field", read_event(in));
}

}  // namespace iapp::wire
