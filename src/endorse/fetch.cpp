#include "endorse/fetch.hpp"

#include <algorithm>

#include "crypto/x509.hpp"
#include "net/client.hpp"

namespace iapp::endorse {
namespace {

constexpr std::string_view kTcbInfoChain = "TCB-Info-Issuer-Chain";
constexpr std::string_view kQeIdentityChain = "SGX-Enclave-Identity-Issuer-Chain";
constexpr std::string_view kPckCrlChain = "SGX-PCK-CRL-Issuer-Chain";

constexpr int kNotFound = 404;
constexpr int kGone = 410;
constexpr int kTooManyRequests = 429;
constexpr int kServiceUnavailable = 503;

net::HttpClient client_for(const std::optional<std::string>& ca_pem, const FetchLimits& limits)
{
    net::ClientOptions options;
    options.ca_pem = ca_pem;
    options.max_response_bytes = limits.max_body_bytes;
    options.max_header_bytes = limits.max_header_bytes;
    return net::HttpClient(std::move(options));
}

/// The transport's error in this room's words.
std::unexpected<Error> retell(const Error& error, const std::string& url)
{
    const std::string detail = url + ": " + std::string(error.reason) + ": " + error.detail;
    switch (error.kind) {
        case ErrorKind::deadline_exceeded:
            return fail(error.kind, "endorse.deadline", detail);
        case ErrorKind::cancelled:
            return fail(error.kind, "endorse.cancelled", detail);
        case ErrorKind::resource_exhausted:
            return fail(error.kind, "endorse.size", detail);
        case ErrorKind::corrupt:
            return fail(error.kind, "endorse.answer", detail);
        default:
            return fail(ErrorKind::unavailable, "endorse.unavailable", detail);
    }
}

std::unexpected<Error> refuse_status(const net::Response& response, const std::string& url, Advice& advice)
{
    const int status = response.status;
    const std::string detail = url + " answered " + std::to_string(status);
    if (status == kTooManyRequests || status == kServiceUnavailable) {
        advice.throttled = true;
        if (const auto header = response.headers.find("Retry-After")) advice.retry_after = std::string(*header);
        return fail(ErrorKind::resource_exhausted, "endorse.throttled", detail);
    }
    if (status == kNotFound || status == kGone) return fail(ErrorKind::not_found, "endorse.not_found", detail);
    if (status >= 300 && status < 400)
        return fail(ErrorKind::corrupt, "endorse.redirect", detail + "; configure the address it moved to");
    return fail(ErrorKind::unavailable, "endorse.unavailable", detail);
}

/// GET one document. Only 200 is an answer.
Result<net::Response> get(const net::HttpClient& client, const std::string& url, const net::CallContext& call,
                          Advice& advice)
{
    net::Request request;
    request.target = url;
    auto response = client.send(request, call);
    if (!response) return retell(response.error(), url);
    if (response->status != 200) return refuse_status(*response, url, advice);
    if (response->body.empty()) return fail(ErrorKind::corrupt, "endorse.answer", url + ": the answer is empty");
    return response;
}

Result<std::string> issuer_chain(const net::Response& response, std::string_view name, const FetchLimits& limits)
{
    const auto is_named = [&](const net::Header& h) { return net::HeaderMap{h}.has(name); };
    const auto count = std::ranges::count_if(response.headers, is_named);
    if (count != 1)
        return fail(ErrorKind::corrupt, "endorse.header",
                    std::string(name) + " must be there once, not " + std::to_string(count) + " times");
    auto chain = decode_issuer_chain(*response.headers.find(name), limits.max_issuer_chain_bytes);
    if (!chain) return fail(ErrorKind::corrupt, "endorse.header", std::string(name) + ": " + chain.error().detail);
    return chain;
}

Result<attest::SignedObject> signed_object(const net::Response& response, std::string_view member)
{
    auto sliced = attest::slice_signed_object(response.body, member);
    if (!sliced) return fail(ErrorKind::corrupt, "endorse.answer", sliced.error().detail);
    return sliced;
}

/// A list in DER, parsed once so that nothing else is ever kept under that name.
Result<Bytes> crl_der(Bytes der, const std::string& url)
{
    const auto crl = crypto::Crl::from_der(der);
    if (!crl) return fail(ErrorKind::corrupt, "endorse.answer", url + " is not a revocation list: " + crl.error().detail);
    return der;
}

Result<Bytes> root_crl(const net::Response& response, const IntelUrls& from)
{
    if (!from.root_crl_is_hex) return crl_der(to_bytes(response.body), from.root_crl);
    auto der = parse_hex(response.body);
    if (!der)
        return fail(ErrorKind::corrupt, "endorse.answer", from.root_crl + " is not hexadecimal: " + der.error().detail);
    return crl_der(*std::move(der), from.root_crl);
}

Result<std::string> pem_chain(net::Response response, const std::string& url)
{
    constexpr std::size_t kCertificates = 2;
    const auto count = [&](std::string_view line) {
        std::size_t out = 0;
        for (std::size_t at = response.body.find(line); at != std::string::npos; at = response.body.find(line, at + 1))
            ++out;
        return out;
    };
    if (count("-----BEGIN CERTIFICATE-----") != kCertificates || count("-----END CERTIFICATE-----") != kCertificates)
        return fail(ErrorKind::corrupt, "endorse.answer", url + " does not hold two PEM certificates");
    return std::move(response.body);
}

std::unexpected<Error> no_source(std::string_view vendor)
{
    return fail(ErrorKind::precondition_failed, "endorse.offline",
                "no source for " + std::string(vendor) + " is configured, and the cache does not hold this");
}

bool is_unreserved(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("-._~/=").contains(c);
}

int digit_of(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

bool is_pem_byte(int c) { return (c >= ' ' && c <= '~') || c == '\n' || c == '\r'; }

/// One encoded or plain character from the front of `rest`; -1 when it is neither.
int take_character(std::string_view& rest)
{
    const char c = rest.front();
    if (c != '%') {
        rest.remove_prefix(1);
        return is_unreserved(c) ? static_cast<unsigned char>(c) : -1;
    }
    if (rest.size() < 3 || digit_of(rest[1]) < 0 || digit_of(rest[2]) < 0) return -1;
    const int out = digit_of(rest[1]) * 16 + digit_of(rest[2]);
    rest.remove_prefix(3);
    return is_pem_byte(out) ? out : -1;
}

}  // namespace

Result<std::string> decode_issuer_chain(std::string_view header, std::size_t max_bytes)
{
    const auto bad = [](std::string why) { return fail(ErrorKind::corrupt, "endorse.header", std::move(why)); };
    std::string out;
    while (!header.empty()) {
        if (out.size() == max_bytes) return bad("longer than " + std::to_string(max_bytes) + " bytes");
        const int c = take_character(header);
        if (c < 0) return bad("character " + std::to_string(out.size()) + " is not percent-encoded PEM");
        out += static_cast<char>(c);
    }
    if (!out.starts_with("-----BEGIN CERTIFICATE-----")) return bad("not a PEM certificate chain");
    return out;
}

struct Fetcher::Impl {
    Sources sources;
    FetchLimits limits;
    net::HttpClient intel;
    net::HttpClient amd;
};

Result<Fetcher> Fetcher::open(Sources sources, const FetchLimits& limits)
{
    TRY_OK(check(sources));
    auto intel = client_for(sources.intel ? sources.intel->ca_pem : std::nullopt, limits);
    auto amd = client_for(sources.amd ? sources.amd->ca_pem : std::nullopt, limits);
    return Fetcher(std::make_unique<Impl>(Impl{std::move(sources), limits, std::move(intel), std::move(amd)}));
}

Fetcher::Fetcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Fetcher::Fetcher(Fetcher&&) noexcept = default;
Fetcher& Fetcher::operator=(Fetcher&&) noexcept = default;
Fetcher::~Fetcher() = default;

bool Fetcher::has(const Key& key) const
{
    return std::holds_alternative<IntelKey>(key) ? impl_->sources.intel.has_value() : impl_->sources.amd.has_value();
}

Result<IntelEntry> Fetcher::intel(const IntelKey& key, const net::CallContext& call, Advice& advice) const
{
    if (!impl_->sources.intel) return no_source("Intel");
    const IntelUrls from = urls(*impl_->sources.intel, key);
    const auto document = [&](const std::string& url) { return get(impl_->intel, url, call, advice); };
    TRY(const net::Response tcb_info, document(from.tcb_info));
    TRY(const net::Response qe_identity, document(from.qe_identity));
    TRY(const net::Response pck_crl, document(from.pck_crl));
    TRY(const net::Response root, document(from.root_crl));

    attest::Collateral out;
    TRY(out.tcb_info_issuer_chain, issuer_chain(tcb_info, kTcbInfoChain, impl_->limits));
    TRY(out.qe_identity_issuer_chain, issuer_chain(qe_identity, kQeIdentityChain, impl_->limits));
    TRY(out.pck_crl_issuer_chain, issuer_chain(pck_crl, kPckCrlChain, impl_->limits));
    TRY(attest::SignedObject tcb, signed_object(tcb_info, "tcbInfo"));
    TRY(attest::SignedObject qe, signed_object(qe_identity, "enclaveIdentity"));
    TRY(out.pck_crl, crl_der(to_bytes(pck_crl.body), from.pck_crl));
    TRY(out.root_ca_crl, root_crl(root, from));
    out.tcb_info = std::move(tcb.bytes);
    out.tcb_info_signature = std::move(tcb.signature);
    out.qe_identity = std::move(qe.bytes);
    out.qe_identity_signature = std::move(qe.signature);
    return IntelEntry{key, std::move(out)};
}

Result<AmdIssuerEntry> Fetcher::amd_issuer(const AmdIssuerKey& key, const net::CallContext& call, Advice& advice) const
{
    if (!impl_->sources.amd) return no_source("AMD");
    const std::string chain_url = cert_chain_url(*impl_->sources.amd, key);
    const std::string list_url = crl_url(*impl_->sources.amd, key);
    TRY(net::Response chain, get(impl_->amd, chain_url, call, advice));
    TRY(const net::Response list, get(impl_->amd, list_url, call, advice));
    TRY(std::string pem, pem_chain(std::move(chain), chain_url));
    TRY(Bytes crl, crl_der(to_bytes(list.body), list_url));
    return AmdIssuerEntry{key, std::move(pem), std::move(crl)};
}

Result<VcekEntry> Fetcher::vcek(const VcekKey& key, std::string cert_chain, const net::CallContext& call,
                                Advice& advice) const
{
    if (!impl_->sources.amd) return no_source("AMD");
    TRY(const std::string url, vcek_url(*impl_->sources.amd, key));
    TRY(const net::Response response, get(impl_->amd, url, call, advice));
    return VcekEntry{key, to_bytes(response.body), std::move(cert_chain)};
}

}  // namespace iapp::endorse
