// blobs_server DIRECTORY: the blob service alone, on ports the system chooses. Prints both origins on one line and serves
// until its standard input ends, so it cannot outlive the test that started it.
#include <cstdio>
#include <iostream>

#include "blobs/directory_store.hpp"
#include "blobs/service.hpp"

int main(int argc, char** argv)
{
    using namespace iapp;
    if (argc != 2) return 2;
    const auto store = blobs::DirectoryStore::open(argv[1]);
    if (!store) {
        std::cerr << store.error().reason << ": " << store.error().detail << "\n";
        return 1;
    }
    net::HttpServer api({.cors = true});
    net::HttpServer gateway({.cors = true});
    blobs::add_rpc_routes(api, *store);
    blobs::add_gateway_routes(gateway, *store);
    if (!api.start() || !gateway.start()) return 1;
    std::cout << api.origin() << " " << gateway.origin() << std::endl;
    while (std::getchar() != EOF) {
    }
}
