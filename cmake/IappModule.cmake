# iapp_module(NAME attest DEPS base codec crypto [LIBS OpenSSL::Crypto] [TEST_DEPS simtee] [TEST_LIBS ...] [SLOW_TESTS x_test])
#
# Declares a room once. Every *.cpp in the folder (and in its internal/) becomes the library iapp_<name>;
# every *_test.cpp becomes part of <name>_test, run by ctest with the room's name as label. Target unit_tests builds them all.
# DEPS are rooms; tools/check-layers reads the same line and checks every #include against it.
# Libraries of LIBS are linked PRIVATE: a header of one room never includes another party's header.
#
# A program with the property IAPP_STATIC gets the archives of these libraries, all others the shared objects.
set(IAPP_ARCHIVES OpenSSL::SSL=ssl OpenSSL::Crypto=crypto Boost::json=boost_json Boost::container=boost_container Boost::url=boost_url SQLite::SQLite3=sqlite3
    ZLIB::ZLIB=z PkgConfig::SECP256K1=secp256k1 PkgConfig::ZSTD=zstd)
function(iapp_libraries out)
    set(libraries "")
    foreach(library IN LISTS ARGN)
        set(pair ${IAPP_ARCHIVES})
        list(FILTER pair INCLUDE REGEX "^${library}=")
        if(pair)
            string(REGEX REPLACE ".*=" "" name ${pair})
            find_library(IAPP_ARCHIVE_${name} NAMES lib${name}.a REQUIRED)
            set(library "$<IF:$<BOOL:$<TARGET_PROPERTY:IAPP_STATIC>>,${IAPP_ARCHIVE_${name}},${library}>")
        endif()
        list(APPEND libraries ${library})
    endforeach()
    set(${out} ${libraries} PARENT_SCOPE)
endfunction()

add_custom_target(unit_tests)
function(iapp_module)
    cmake_parse_arguments(M "" "NAME" "DEPS;LIBS;TEST_DEPS;TEST_LIBS" ${ARGN})
    file(GLOB sources CONFIGURE_DEPENDS *.cpp internal/*.cpp)
    set(tests ${sources})
    list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
    list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
    list(TRANSFORM M_DEPS PREPEND iapp_)
    list(TRANSFORM M_TEST_DEPS PREPEND iapp_)
    iapp_libraries(M_LIBS ${M_LIBS})

    add_library(iapp_${M_NAME} STATIC ${sources})
    target_include_directories(iapp_${M_NAME} PUBLIC ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(iapp_${M_NAME} PUBLIC ${M_DEPS} PRIVATE ${M_LIBS} Threads::Threads)

    if(tests AND NOT IAPP_FUZZ)
        add_executable(${M_NAME}_test ${tests})
        target_include_directories(${M_NAME}_test PRIVATE ${CMAKE_SOURCE_DIR}/test)  # support/*.hpp
        target_link_libraries(${M_NAME}_test PRIVATE iapp_${M_NAME} ${M_TEST_DEPS} ${M_LIBS} ${M_TEST_LIBS} GTest::gmock GTest::gtest_main)
        add_dependencies(unit_tests ${M_NAME}_test)
        add_test(NAME ${M_NAME}_test COMMAND ${M_NAME}_test WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
        set_tests_properties(${M_NAME}_test PROPERTIES LABELS "unit;${M_NAME}" TIMEOUT 600)
    endif()
endfunction()
