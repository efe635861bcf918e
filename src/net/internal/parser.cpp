#include "net/internal/parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/optional.hpp>

#include "net/internal/text.hpp"

namespace iapp::net::internal {
namespace {

namespace http = boost::beast::http;
using ErrorCode = boost::beast::error_code;
using TextView = boost::beast::string_view;

constexpr std::size_t kMaxFields = 128;

/// Beast's grammar, writing into a Head and a body string.
template <bool IsRequest>
class Grammar final : public http::basic_parser<IsRequest> {
public:
    explicit Grammar(Head& head) : head_(head) {}

    std::string* body = nullptr;  ///< where decoded bytes go during one put()
    bool is_foreign_coding = false;

private:
    void on_request_impl(http::verb, TextView method, TextView target, int version, ErrorCode&) override
    {
        head_.method = method;
        head_.target = target;
        head_.version = version;
    }

    void on_response_impl(int code, TextView, int version, ErrorCode&) override
    {
        head_.status = code;
        head_.version = version;
    }

    void on_field_impl(http::field field, TextView name, TextView value, ErrorCode& error) override
    {
        if (is_past_head_) return;  // trailers carry nothing we use
        if (field == http::field::transfer_encoding && !equal_without_case(value, "chunked")) {
            is_foreign_coding = true;
            error = http::error::bad_transfer_encoding;
        }
        if (head_.headers.size() >= kMaxFields) error = http::error::header_limit;
        if (!error) head_.headers.add(name, value);
    }

    void on_header_impl(ErrorCode&) override { is_past_head_ = true; }
    void on_body_init_impl(const boost::optional<std::uint64_t>&, ErrorCode&) override {}
    void on_chunk_header_impl(std::uint64_t, TextView, ErrorCode&) override {}
    void on_finish_impl(ErrorCode&) override {}

    std::size_t on_body_impl(TextView bytes, ErrorCode&) override
    {
        body->append(bytes);
        return bytes.size();
    }
    std::size_t on_chunk_body_impl(std::uint64_t, TextView bytes, ErrorCode& error) override
    {
        return on_body_impl(bytes, error);
    }

    Head& head_;
    bool is_past_head_ = false;
};

template <bool IsRequest>
class BeastParser final : public Parser {
public:
    explicit BeastParser(std::size_t max_head_bytes) : max_head_bytes_(max_head_bytes) { reset(false); }

    Result<std::size_t> put(ByteView bytes, std::string& body) override
    {
        if (broken_) return std::unexpected(*broken_);  // Beast's parser must not be used after an error: it asserts
        if (bytes.empty() || grammar_->is_done()) return std::size_t{0};
        const bool in_head = !grammar_->is_header_done();
        grammar_->body = &body;
        grammar_->eager(!in_head);
        ErrorCode error;
        const std::size_t eaten = grammar_->put({bytes.data(), bytes.size()}, error);
        if (in_head) head_bytes_ += eaten;
        if (error == http::error::need_more) error = {};
        if (error == http::error::header_limit || head_bytes_ > max_head_bytes_) broken_ = too_large();
        else if (error) broken_ = refused(error);
        if (broken_) return std::unexpected(*broken_);
        return eaten;
    }

    Status put_end() override
    {
        ErrorCode error;
        if (!broken_ && !grammar_->is_done() && grammar_->is_header_done()) grammar_->put_eof(error);
        if (error || !grammar_->is_done())
            return fail(ErrorKind::invalid_input, "http.truncated", "the connection ended inside a message");
        return {};
    }

    bool head_done() const override { return grammar_->is_header_done(); }
    bool done() const override { return grammar_->is_done(); }
    bool keep_alive() const override { return grammar_->keep_alive(); }
    Head& head() override { return head_; }

    std::optional<std::uint64_t> content_length() const override
    {
        const auto length = grammar_->content_length();
        return length ? std::optional<std::uint64_t>(*length) : std::nullopt;
    }

    void reset(bool bodyless) override
    {
        head_ = Head{};
        head_bytes_ = 0;
        broken_.reset();
        grammar_.emplace(head_);
        grammar_->body_limit(boost::none);  // the limit depends on the route; the reader of the body keeps it
        grammar_->header_limit(static_cast<std::uint32_t>(max_head_bytes_));
        grammar_->skip(bodyless);
    }

private:
    Error too_large() const
    {
        return Error{ErrorKind::resource_exhausted, "http.head_size",
                     "the message head is larger than " + std::to_string(max_head_bytes_) + " bytes or 128 fields"};
    }

    Error refused(const ErrorCode& error) const
    {
        if (grammar_->is_foreign_coding)
            return Error{ErrorKind::invalid_input, "http.transfer_encoding", "only the chunked coding is supported"};
        return Error{ErrorKind::invalid_input, "http.syntax", "not an HTTP/1.1 message: " + error.message()};
    }

    Head head_;
    std::optional<Grammar<IsRequest>> grammar_;
    std::size_t max_head_bytes_;
    std::size_t head_bytes_ = 0;
    std::optional<Error> broken_;
};

}  // namespace

std::unique_ptr<Parser> make_request_parser(std::size_t max_head_bytes)
{
    return std::make_unique<BeastParser<true>>(max_head_bytes);
}

std::unique_ptr<Parser> make_response_parser(std::size_t max_head_bytes)
{
    return std::make_unique<BeastParser<false>>(max_head_bytes);
}

}  // namespace iapp::net::internal
