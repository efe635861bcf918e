#include "agent/internal/app_command.hpp"

#include <algorithm>
#include <map>

#include "poco/result.hpp"
#include "wire/env_names.hpp"

namespace iapp::agent {
namespace {

namespace env = wire::env;
constexpr std::string_view kDefaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

using Variables = std::map<std::string, std::string, std::less<>>;

void set(Variables& out, std::string_view name, std::string value)
{
    out.insert_or_assign(std::string(name), std::move(value));
}

std::string text_of(const crypto::SecretBytes& secret) { return to_text(secret.reveal(crypto::SecretAccess{})); }

void add_task(Variables& out, const Admission& admission, const wire::AgentConfig& config)
{
    const auto& deal = admission.bundle.deal;
    const std::string index = std::to_string(config.index);
    set(out, env::kTaskId, config.task.hex());
    set(out, env::kDealId, config.deal.hex());
    set(out, env::kTaskIndex, index);
    set(out, env::kBotTaskIndex, index);
    set(out, env::kBotSize, std::to_string(deal.bot_size));
    set(out, env::kBotFirstIndex, std::to_string(deal.bot_first));
    set(out, env::kIn, "/iexec_in");
    set(out, env::kOut, "/iexec_out");
}

/// Without a dataset both names carry the zero address. A bulk task names every dataset of its slice, the refused ones too:
/// the app finds out by looking for the file.
void add_datasets(Variables& out, const Admission& admission)
{
    const auto& deal = admission.bundle.deal;
    set(out, env::kDatasetAddress, dataset_file_name(deal.dataset.pointer));
    set(out, env::kDatasetFilename, dataset_file_name(deal.dataset.pointer));
    if (deal.has_dataset() || !admission.params.bulk_cid) return;
    set(out, env::kBulkSliceSize, std::to_string(admission.bundle.datasets.size()));
    for (const auto& dataset : admission.bundle.datasets)
        std::visit(
            [&out](const auto& one) { set(out, env::dataset_filename(one.position), dataset_file_name(one.address)); },
            dataset);
}

void add_input_files(Variables& out, const poco::RequestParams& params)
{
    set(out, env::kInputFilesNumber, std::to_string(params.input_files.size()));
    if (!params.input_files.empty()) set(out, env::kInputFilesFolder, "/iexec_in");
    for (std::size_t i = 0; i < params.input_files.size(); ++i)
        set(out, env::input_file_name(i + 1), poco::input_file_name(params.input_files[i]));
}

void add_secrets(Variables& out, const wire::ReleaseBundle& bundle)
{
    if (bundle.app_secret) {
        set(out, env::kAppDeveloperSecret, text_of(*bundle.app_secret));
        set(out, env::kAppDeveloperSecret1, text_of(*bundle.app_secret));
    }
    for (const auto& [position, secret] : bundle.requester_secrets)
        set(out, env::requester_secret(position), text_of(secret));
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Reads one word and moves past it. `text` starts with the word's first character.
Result<std::string> take_word(std::string_view& text)
{
    std::string word;
    char quote = '\0';
    for (; !text.empty() && (quote != '\0' || !is_blank(text.front())); text.remove_prefix(1)) {
        const char c = text.front();
        const bool escapes =
            c == '\\' && (quote == '\0' || (quote == '"' && text.size() > 1 && (text[1] == '"' || text[1] == '\\')));
        if (c == quote) quote = '\0';
        else if (quote == '\0' && (c == '"' || c == '\'')) quote = c;
        else if (!escapes) word += c;
        else if (text.size() == 1) return fail(ErrorKind::invalid_input, "agent.args", "iexec_args ends with a backslash");
        else {
            text.remove_prefix(1);
            word += text.front();
        }
    }
    if (quote != '\0') return fail(ErrorKind::invalid_input, "agent.args", "a quote in iexec_args is never closed");
    return word;
}

/// "NAME=value". Sized first, so that no shorter buffer is left behind with the start of a secret in it.
std::string entry_of(const std::string& name, const std::string& value)
{
    std::string out;
    out.reserve(name.size() + 1 + value.size());
    out.append(name).append(1, '=').append(value);
    return out;
}

}  // namespace

std::string dataset_file_name(const eth::Address& dataset) { return dataset.hex(); }

std::vector<std::string> app_environment(const Admission& admission, const wire::AgentConfig& config,
                                         const std::vector<std::string>& image_env)
{
    Variables variables;
    set(variables, "PATH", std::string(kDefaultPath));
    for (const auto& entry : image_env) {
        const auto equals = entry.find('=');
        set(variables, entry.substr(0, equals), equals == std::string::npos ? "" : entry.substr(equals + 1));
    }
    add_task(variables, admission, config);
    add_datasets(variables, admission);
    add_input_files(variables, admission.params);
    add_secrets(variables, admission.bundle);

    std::vector<std::string> out;
    for (auto& [name, value] : variables) {
        out.push_back(entry_of(name, value));
        crypto::wipe({reinterpret_cast<std::uint8_t*>(value.data()), value.size()});
    }
    return out;
}

Result<std::vector<std::string>> split_words(std::string_view text)
{
    std::vector<std::string> out;
    for (;;) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        if (text.empty()) return out;
        TRY(std::string word, take_word(text));
        out.push_back(std::move(word));
    }
}

}  // namespace iapp::agent
