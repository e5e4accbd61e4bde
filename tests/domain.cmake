# tests of domain
add_library(scratch STATIC scratch.c)
target_include_directories(scratch PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

gpmq_test(test_domain domain scratch)
target_sources(test_domain PRIVATE domain_kind_folder.c)
gpmq_test(test_domain_folder domain scratch)

# The demo domain, from text: make_domain tests/data/demo-domain DEST.
add_executable(make_domain make_domain.c make_extensions.c make_pol.c)
target_link_libraries(make_domain PRIVATE domain)
gpmq_test(test_demo_domain domain scratch)
add_dependencies(test_demo_domain make_domain)

# Every call that changes a disk goes through crash_calls.c, which counts them and dies at one.
function(gpmq_crash_test name)
  gpmq_test(${name} ${ARGN})
  target_sources(${name} PRIVATE crash_calls.c)
  target_link_options(${name} PRIVATE
    -Wl,--wrap=write,--wrap=fsync,--wrap=mkdirat,--wrap=unlinkat,--wrap=renameat,--wrap=renameat2
    -Wl,--wrap=beneath_open)
endfunction()
gpmq_crash_test(test_domain_crash domain scratch)

gpmq_test(test_ldif domain)
gpmq_fuzz(fuzz_ldif fuzz_ldif.c domain)
gpmq_fuzz(fuzz_registry_pol fuzz_registry_pol.c gpo)
gpmq_fuzz(fuzz_sd fuzz_sd.c gpo)

add_library(samples STATIC samples.c)
target_include_directories(samples PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})

gpmq_test(test_gpo gpo)
gpmq_test(test_sd gpo samples)
gpmq_test(test_registry_pol gpo samples)
target_sources(test_registry_pol PRIVATE make_pol.c)
gpmq_test(test_beneath domain scratch)
target_link_options(test_beneath PRIVATE -Wl,--wrap=syscall)
gpmq_test(test_sddl gpo)
gpmq_test(test_sddl_samples gpo samples PkgConfig::JANSSON)
gpmq_fuzz(fuzz_sddl fuzz_sddl.c gpo)
gpmq_test(test_domain_tree domain scratch)
gpmq_test(test_gplink gpo)
gpmq_fuzz(fuzz_gplink fuzz_gplink.c gpo)
gpmq_test(test_access_check gpo)
gpmq_test(test_ad_settings domain)
gpmq_fuzz(fuzz_ad_settings fuzz_ad_settings.c domain)
gpmq_test(test_file_sd gpo)
