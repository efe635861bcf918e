#include "index/compass.hpp"

#include "codec/json.hpp"

namespace iapp::index {
namespace {

net::Response refuse(int status, std::string_view message)
{
    return net::json_response(status, json::print(json::Object{{"error", message}}));
}

}  // namespace

Compass::Compass(const wire::Network& network) : chain_id_(network.chain_id)
{
    if (!network.services.core) return;
    for (const eth::Address& pool : wire::workerpools_of(network)) add(pool, *network.services.core);
}

void Compass::add(const eth::Address& workerpool, std::string api_url)
{
    pools_.insert_or_assign(workerpool, std::move(api_url));
}

void Compass::add_routes(net::HttpServer& server) const
{
    server.route("GET", "/{chainId}/workerpools/{address}", [this](const net::Request& request, const net::CallContext&) {
        const auto address = eth::parse_address(request.param("address"), eth::Checksum::ignore);
        if (!address) return refuse(400, "address must be a valid ethereum address");
        const auto pool = pools_.find(*address);
        if (request.param("chainId") != std::to_string(chain_id_) || pool == pools_.end())
            return refuse(404, "workerpool not found");
        return net::json_response(
            200, json::print(json::Object{
                     {"apiUrl", pool->second}, {"address", eth::to_checksum(*address)}, {"chainId", chain_id_}}));
    });
}

}  // namespace iapp::index
