#include "resultproxy/result_model.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <set>

#include "codec/base64.hpp"

namespace iapp::resultproxy {
namespace {

using boost::json::error_code;
using boost::json::string_view;

/// An array of a million numbers is a megabyte here, and 24 in a document tree: so the parser's events are taken as they
/// come.
class Handler {
public:
    static constexpr std::size_t max_object_size = 1000;
    static constexpr std::size_t max_array_size = std::size_t{1} << 32;
    static constexpr std::size_t max_key_size = 4096;
    static constexpr std::size_t max_string_size = std::size_t{1} << 32;

    bool on_document_begin(error_code&) { return true; }
    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code& error)
    {
        if (at_wanted() || is_in_zip_) return wrong(error);
        ++depth_;
        return true;
    }
    bool on_object_end(std::size_t, error_code&)
    {
        --depth_;
        return true;
    }
    bool on_array_begin(error_code& error)
    {
        const bool is_zip = depth_ == 1 && member_ == "zip";
        if (depth_ == 0 || is_in_zip_ || (at_wanted() && !is_zip)) return wrong(error);
        is_in_zip_ = is_zip;
        ++depth_;
        return true;
    }
    bool on_array_end(std::size_t, error_code&)
    {
        --depth_;
        if (depth_ == 1) is_in_zip_ = false;
        return true;
    }

    bool on_key_part(string_view part, std::size_t, error_code&)
    {
        key_.append(part);
        return true;
    }
    bool on_key(string_view part, std::size_t, error_code& error)
    {
        key_.append(part);
        const std::string key = std::exchange(key_, {});
        if (depth_ != 1) return true;
        member_ = key;
        return seen_.insert(member_).second || twice(error);
    }

    bool on_string_part(string_view part, std::size_t, error_code& error) { return take(part, error); }
    bool on_string(string_view part, std::size_t, error_code& error)
    {
        if (!take(part, error)) return false;
        return depth_ != 1 || finish(error);
    }

    bool on_number_part(string_view, error_code&) { return true; }
    bool on_int64(std::int64_t number, string_view, error_code& error) { return take_number(number, error); }
    bool on_uint64(std::uint64_t, string_view, error_code& error) { return take_number(-1, error); }
    bool on_double(double, string_view, error_code& error) { return take_number(-1, error); }
    bool on_bool(bool, error_code& error) { return depth_ == 0 || is_in_zip_ || at_wanted() ? wrong(error) : true; }
    bool on_null(error_code& error) { return depth_ == 0 || is_in_zip_ ? wrong(error) : true; }
    bool on_comment_part(string_view, error_code&) { return true; }
    bool on_comment(string_view, error_code&) { return true; }

    Result<ResultModel> finish_model()
    {
        if (!seen_task_ || model_.zip.empty())
            return fail(ErrorKind::invalid_input, "result_model.missing", "chainTaskId and a zip are needed");
        return std::move(model_);
    }
    std::string_view complaint() const { return complaint_; }

private:
    bool is_wanted() const
    {
        return member_ == "zip" || member_ == "chainTaskId" || member_ == "deterministHash" || member_ == "enclaveSignature";
    }
    bool at_wanted() const { return depth_ == 1 && is_wanted(); }

    bool complain(std::string_view what, error_code& error)
    {
        complaint_ = what;
        error = boost::json::error::not_string;  // any: what counts is that there is one
        return false;
    }
    bool wrong(error_code& error) { return complain("result_model.member", error); }
    bool twice(error_code& error) { return complain("result_model.json", error); }

    bool take(string_view part, error_code& error)
    {
        if (depth_ == 0 || is_in_zip_) return wrong(error);
        if (at_wanted()) text_.append(part);
        return true;
    }

    bool take_number(std::int64_t number, error_code& error)
    {
        if (is_in_zip_ && depth_ == 2 && number >= 0 && number <= 255) {
            model_.zip.push_back(static_cast<std::uint8_t>(number));
            return true;
        }
        return depth_ == 0 || is_in_zip_ || at_wanted() ? wrong(error) : true;
    }

    template <class Id>
    bool read(const std::string& text, Id& out, error_code& error)
    {
        const auto id = Id::from_hex(text);
        if (!id) return wrong(error);
        out = *id;
        return true;
    }

    /// A text of the document itself has ended. An empty one is as good as none.
    bool finish(error_code& error)
    {
        const std::string text = std::exchange(text_, {});
        if (text.empty()) return true;
        if (member_ == "zip") {
            auto bytes = codec::parse_base64(text);
            if (!bytes) return wrong(error);
            model_.zip = *std::move(bytes);
        }
        if (member_ == "chainTaskId") return seen_task_ = read(text, model_.task, error);
        if (member_ == "deterministHash") return read(text, model_.digest.emplace(Hash256::zero()), error);
        if (member_ == "enclaveSignature")
            return read(text, model_.enclave_signature.emplace(crypto::Signature65::zero()), error);
        return true;
    }

    ResultModel model_;
    std::size_t depth_ = 0;
    std::string key_, member_, text_;
    std::set<std::string> seen_;
    bool is_in_zip_ = false, seen_task_ = false;
    std::string_view complaint_ = "result_model.json";
};

}  // namespace

Result<ResultModel> parse_result_model(std::string_view json)
{
    boost::json::basic_parser<Handler> parser(boost::json::parse_options{});
    error_code error;
    const std::size_t used = parser.write_some(false, json.data(), json.size(), error);
    if (!error && used != json.size()) error = boost::json::error::extra_data;
    if (!error) return parser.handler().finish_model();
    return fail(ErrorKind::invalid_input, parser.handler().complaint(), "the body is no result that can be read");
}

}  // namespace iapp::resultproxy
