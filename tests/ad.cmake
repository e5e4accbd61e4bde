# tests of an Active Directory domain, on a Samba domain controller that they start
#
# One controller serves all of them (fixture "dc"): started before the first, stopped after the last.
# Where Samba is not installed, or no controller can be started, they are skipped, counted.
set(DC ${CMAKE_CURRENT_SOURCE_DIR}/dc/dc)
add_test(NAME dc_start COMMAND ${DC} start ${CMAKE_BINARY_DIR}/dc)
add_test(NAME dc_stop COMMAND ${DC} stop ${CMAKE_BINARY_DIR}/dc)
set_tests_properties(dc_start PROPERTIES FIXTURES_SETUP dc TIMEOUT 120)
set_tests_properties(dc_stop PROPERTIES FIXTURES_CLEANUP dc TIMEOUT 60)

# gpmq_dc_test(NAME TIMEOUT_S COMMAND...): a test that needs the controller, alone.
function(gpmq_dc_test name timeout_s)
  add_test(NAME ${name} COMMAND ${DC} run ${CMAKE_BINARY_DIR}/dc ${ARGN})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${timeout_s} FIXTURES_REQUIRED dc
    RESOURCE_LOCK dc
    ENVIRONMENT "GPMQ_SOURCE_DIR=${CMAKE_SOURCE_DIR};GPMQ_BUILD_DIR=${CMAKE_BINARY_DIR};PYTHONDONTWRITEBYTECODE=1;LSAN_OPTIONS=suppressions=${CMAKE_CURRENT_SOURCE_DIR}/lsan.supp:print_suppressions=0;GPMQ_TEST_ACL_HELPER=${CMAKE_SOURCE_DIR}/worker/domain_ad/gpmq-sysvol-acl")
endfunction()

add_executable(test_ad_note test_ad_note.c)
target_link_libraries(test_ad_note PRIVATE domain_ad PkgConfig::CMOCKA)
add_test(NAME test_ad_note COMMAND test_ad_note)

add_executable(test_domain_ad test_domain.c domain_kind_ad.c)
target_link_libraries(test_domain_ad PRIVATE domain_ad scratch PkgConfig::CMOCKA)
gpmq_dc_test(test_domain_ad 300 $<TARGET_FILE:test_domain_ad>)
gpmq_dc_test(test_ad 600 /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/test_ad.py)
add_executable(test_ad_crash test_ad_crash.c domain_kind_ad.c)
target_link_libraries(test_ad_crash PRIVATE domain_ad scratch PkgConfig::CMOCKA PkgConfig::LDAP
  PkgConfig::SMBCLIENT)
foreach(call ldap_modify_ext_s ldap_add_ext_s ldap_delete_ext_s sysvol_acl_set smbc_getFunctionMkdir
        smbc_getFunctionWrite smbc_getFunctionRename smbc_getFunctionUnlink smbc_getFunctionRmdir)
  target_link_options(test_ad_crash PRIVATE -Wl,--wrap=${call})
endforeach()
gpmq_dc_test(test_ad_crash 600 $<TARGET_FILE:test_ad_crash>)
gpmq_dc_test(test_ad_rsop 300 /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/test_ad_rsop.py)
gpmq_dc_test(test_doctor 300 /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/test_doctor.py)
gpmq_dc_test(test_ad_faults 600 /usr/bin/python3 ${CMAKE_CURRENT_SOURCE_DIR}/test_ad_faults.py)
