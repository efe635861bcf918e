# iapp::attest (shared) and iapp::attest_static
include(CMakeFindDependencyMacro)
find_dependency(OpenSSL 3.0 COMPONENTS Crypto)
include(${CMAKE_CURRENT_LIST_DIR}/iapp-attest-targets.cmake)
