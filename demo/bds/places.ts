/** A named unit with its official code. */
interface Unit {
  readonly name: string;
  readonly code: string;
}
interface Ward extends Unit {
  /** What it became in July 2025. */
  readonly now: Unit;
  /** It was divided between several: `now` is the largest part, and only a text that names it can mean it for certain. */
  readonly split: boolean;
}
interface District extends Unit {
  readonly latitude: number;
  readonly longitude: number;
  readonly wards: readonly Ward[];
}
export interface Province extends Unit {
  readonly now: Unit;
  readonly districts: readonly District[];
}
export interface Place {
  readonly province: Province;
  readonly district: District;
  readonly ward: Ward;
}

/**
 * Official names and codes as of March 2025, and what they became in July 2025 (`>` whole, `~` divided). Facts taken from the
 * MIT-licensed sources that domain/bds/generated/README.md names; the choice of places is ours. Latitude and longitude are
 * those of a ward of the district: good enough for a pin on a map.
 */
const TABLE = `
Thành phố Hà Nội 01 > Thành phố Hà Nội 01
  Quận Ba Đình 001 21.057 105.845: Phường Phúc Xá 00001 > Phường Hồng Hà 00097, Phường Trúc Bạch 00004 > Phường Ba Đình 00004, Phường Vĩnh Phúc 00006 > Phường Ngọc Hà 00008, Phường Liễu Giai 00008 > Phường Ngọc Hà 00008
  Quận Hoàn Kiếm 002 21.057 105.845: Phường Phúc Tân 00037 > Phường Hồng Hà 00097, Phường Hàng Đào 00049 > Phường Hoàn Kiếm 00070, Phường Hàng Bạc 00061 > Phường Hoàn Kiếm 00070, Phường Trần Hưng Đạo 00082 > Phường Cửa Nam 00082
  Quận Tây Hồ 003 21.058 105.820: Phường Bưởi 00109 > Phường Tây Hồ 00103, Phường Nhật Tân 00094 ~ Phường Tây Hồ 00103, Phường Quảng An 00100 ~ Phường Tây Hồ 00103, Phường Yên Phụ 00106 ~ Phường Hồng Hà 00097
  Quận Long Biên 004 21.051 105.870: Phường Ngọc Lâm 00133 > Phường Bồ Đề 00118, Phường Giang Biên 00121 ~ Phường Việt Hưng 00127, Phường Gia Thụy 00130 ~ Phường Bồ Đề 00118, Phường Long Biên 00145 ~ Phường Long Biên 00145
  Quận Cầu Giấy 005 21.045 105.794: Phường Nghĩa Tân 00160 > Phường Nghĩa Đô 00160, Phường Mai Dịch 00163 ~ Phường Phú Diễn 00619, Phường Dịch Vọng Hậu 00167 ~ Phường Cầu Giấy 00166, Phường Yên Hòa 00172 ~ Phường Yên Hòa 00175
  Quận Đống Đa 006 21.021 105.806: Phường Láng Thượng 00187 > Phường Láng 00199, Phường Văn Chương 00193 > Phường Văn Miếu - Quốc Tử Giám 00226, Phường Khâm Thiên 00202 > Phường Văn Miếu - Quốc Tử Giám 00226, Phường Thổ Quan 00205 > Phường Văn Miếu - Quốc Tử Giám 00226
  Quận Hai Bà Trưng 007 21.014 105.852: Phường Đồng Nhân 00259 > Phường Hai Bà Trưng 00256, Phường Phố Huế 00262 > Phường Hai Bà Trưng 00256, Phường Bách Khoa 00277 > Phường Bạch Mai 00292, Phường Quỳnh Mai 00289 > Phường Bạch Mai 00292
  Quận Hoàng Mai 008 20.991 105.883: Phường Thanh Trì 00301 ~ Phường Vĩnh Hưng 00301, Phường Mai Động 00310 ~ Phường Vĩnh Tuy 00283, Phường Tân Mai 00319 ~ Phường Tương Mai 00322, Phường Lĩnh Nam 00328 ~ Phường Lĩnh Nam 00328
  Quận Thanh Xuân 009 20.993 105.832: Phường Khương Mai 00352 > Phường Phương Liệt 00352, Phường Thượng Đình 00346 ~ Phường Khương Đình 00364, Phường Thanh Xuân Trung 00355 ~ Phường Thanh Xuân 00367, Phường Khương Đình 00364 ~ Phường Khương Đình 00364
  Quận Nam Từ Liêm 019 21.020 105.771: Phường Cầu Diễn 00592 > Phường Từ Liêm 00592, Phường Phương Canh 00623 > Phường Xuân Phương 00622, Phường Mỹ Đình 2 00626 ~ Phường Từ Liêm 00592, Phường Mễ Trì 00631 ~ Phường Đại Mỗ 00637
  Quận Bắc Từ Liêm 021 21.087 105.750: Phường Thượng Cát 00595 > Phường Thượng Cát 00598, Phường Liên Mạc 00598 > Phường Thượng Cát 00598, Phường Đức Thắng 00602 > Phường Đông Ngạc 00602, Phường Phú Diễn 00619 > Phường Phú Diễn 00619
  Quận Hà Đông 268 20.973 105.778: Phường Vạn Phúc 09544 > Phường Hà Đông 09556, Phường Phúc La 09553 > Phường Hà Đông 09556, Phường Phú Lãm 09568 > Phường Phú Lương 09568, Phường Biên Giang 10123 > Phường Chương Mỹ 10015
  Huyện Đông Anh 017 21.165 105.888: Xã Thụy Lâm 00460 > Xã Thư Lâm 00475, Xã Nam Hồng 00469 > Xã Phúc Thịnh 00466, Xã Vân Nội 00481 > Xã Phúc Thịnh 00466, Xã Võng La 00514 > Xã Thiên Lộc 00493
  Huyện Gia Lâm 018 21.062 105.949: Xã Yên Thường 00529 > Xã Phù Đổng 00541, Xã Thiên Đức 00541 > Xã Phù Đổng 00541, Xã Lệ Chi 00550 > Xã Thuận An 00562, Xã Dương Xá 00571 > Xã Gia Lâm 00565
  Huyện Hoài Đức 274 21.062 105.705: Thị trấn Trạm Trôi 09832 > Xã Hoài Đức 09832, Xã Dương Liễu 09841 > Xã Dương Hòa 09856, Xã Cát Quế 09850 > Xã Dương Hòa 09856, Xã Đắc Sở 09865 > Xã Dương Hòa 09856
  Huyện Thạch Thất 276 20.978 105.470: Xã Yên Trung 04927 > Xã Yên Xuân 04930, Xã Đại Đồng 09958 > Xã Thạch Thất 09955, Xã Phú Kim 09967 > Xã Thạch Thất 09955, Xã Kim Quan 09976 > Xã Thạch Thất 09955
Thành phố Hồ Chí Minh 79 > Thành phố Hồ Chí Minh 79
  Quận 1 760 10.792 106.693: Phường Tân Định 26734 > Phường Tân Định 26737, Phường Bến Nghé 26740 > Phường Sài Gòn 26740, Phường Bến Thành 26743 > Phường Bến Thành 26743, Phường Phạm Ngũ Lão 26749 > Phường Bến Thành 26743
  Quận 3 770 10.786 106.676: Phường 14 27127 > Phường Nhiêu Lộc 27142, Phường 11 27133 > Phường Nhiêu Lộc 27142, Phường 9 27142 > Phường Nhiêu Lộc 27142, Phường 3 27154 > Phường Bàn Cờ 27154
  Quận 4 773 10.757 106.717: Phường 13 27259 > Phường Xóm Chiếu 27259, Phường 9 27265 > Phường Khánh Hội 27265, Phường 8 27271 > Phường Khánh Hội 27265, Phường 18 27277 > Phường Xóm Chiếu 27259
  Quận 5 774 10.757 106.681: Phường 4 27301 > Phường Chợ Quán 27301, Phường 2 27307 > Phường Chợ Quán 27301, Phường 7 27316 > Phường An Đông 27316, Phường 11 27328 > Phường Chợ Lớn 27343
  Quận 7 778 10.755 106.735: Phường Tân Thuận Đông 27466 > Phường Tân Thuận 27478, Phường Tân Kiểng 27472 > Phường Tân Hưng 27475, Phường Bình Thuận 27478 > Phường Tân Thuận 27478, Phường Phú Thuận 27484 > Phường Phú Thuận 27484
  Quận 8 776 10.743 106.677: Phường Rạch Ông 27397 > Phường Chánh Hưng 27418, Phường Hưng Phú 27403 > Phường Chánh Hưng 27418, Phường 4 27409 > Phường Chánh Hưng 27418, Phường Xóm Củi 27415 > Phường Phú Định 27427
  Quận 10 771 10.778 106.670: Phường 15 27163 > Phường Hòa Hưng 27163, Phường 12 27172 > Phường Hòa Hưng 27163, Phường 9 27181 > Phường Vườn Lài 27190, Phường 8 27187 > Phường Diên Hồng 27169
  Quận 12 761 10.879 106.666: Phường Thạnh Xuân 26764 > Phường Thới An 26773, Phường Hiệp Thành 26770 > Phường Tân Thới Hiệp 26782, Phường Tân Chánh Hiệp 26776 > Phường Trung Mỹ Tây 26785, Phường Tân Thới Hiệp 26782 > Phường Tân Thới Hiệp 26782
  Quận Bình Thạnh 765 10.827 106.706: Phường 13 26905 > Phường Bình Lợi Trung 26905, Phường 26 26914 > Phường Bình Thạnh 26929, Phường 5 26923 > Phường Bình Lợi Trung 26905, Phường 2 26941 > Phường Gia Định 26944
  Quận Gò Vấp 764 10.850 106.667: Phường 15 26872 > Phường An Hội Đông 26878, Phường 16 26878 > Phường An Hội Đông 26878, Phường 10 26884 > Phường Gò Vấp 26884, Phường 8 26898 > Phường Thông Tây Hội 26898
  Quận Tân Bình 766 10.806 106.666: Phường 2 26965 > Phường Tân Sơn Hòa 26977, Phường 13 26974 > Phường Tân Bình 27004, Phường 11 26983 > Phường Bảy Hiền 26983, Phường 10 26992 > Phường Bảy Hiền 26983
  Quận Tân Phú 767 10.799 106.630: Phường Tân Sơn Nhì 27010 > Phường Tân Sơn Nhì 27019, Phường Tây Thạnh 27013 > Phường Tây Thạnh 27013, Phường Phú Thọ Hòa 27025 > Phường Phú Thọ Hòa 27022, Phường Phú Thạnh 27028 > Phường Phú Thạnh 27028
  Quận Phú Nhuận 768 10.800 106.689: Phường 2 27061 > Phường Cầu Kiệu 27058, Phường 4 27043 > Phường Đức Nhuận 27043, Phường 9 27049 > Phường Đức Nhuận 27043, Phường 1 27058 > Phường Cầu Kiệu 27058
  Quận Bình Tân 777 10.803 106.605: Phường Bình Hưng Hòa 27436 > Phường Bình Hưng Hòa 27439, Phường Bình Hưng Hòa B 27442 > Phường Bình Tân 27442, Phường Bình Trị Đông 27445 > Phường Bình Trị Đông 27448, Phường Bình Trị Đông B 27451 > Phường An Lạc 27460
  Thành phố Thủ Đức 769 10.861 106.780: Phường Linh Xuân 26794 > Phường Linh Xuân 26800, Phường Linh Chiểu 26815 > Phường Thủ Đức 26824, Phường Tăng Nhơn Phú B 26845 > Phường Tăng Nhơn Phú 26842, Phường Phú Hữu 26866 > Phường Long Trường 26860
  Huyện Bình Chánh 785 10.705 106.562: Thị trấn Tân Túc 27595 > Xã Tân Nhựt 27595, Xã Bình Lợi 27607 > Xã Bình Lợi 27610, Xã Bình Hưng 27619 > Xã Bình Hưng 27619, Xã Đa Phước 27631 > Xã Hưng Long 27628
  Huyện Nhà Bè 786 10.708 106.699: Thị trấn Nhà Bè 27643 > Xã Nhà Bè 27655, Xã Phước Kiển 27646 > Xã Nhà Bè 27655, Xã Phước Lộc 27649 > Xã Nhà Bè 27655, Xã Nhơn Đức 27652 > Xã Hiệp Phước 27658
  Huyện Củ Chi 783 10.963 106.471: Thị trấn Củ Chi 27496 > Xã Tân An Hội 27496, Xã Nhuận Đức 27511 > Xã Nhuận Đức 27511, Xã Phước Thạnh 27526 > Xã Thái Mỹ 27526, Xã Tân Thạnh Tây 27541 > Xã Phú Hòa Đông 27541
Thành phố Đà Nẵng 48 > Thành phố Đà Nẵng 48
  Quận Hải Châu 492 16.076 108.218: Phường Thanh Bình 20227 > Phường Hải Châu 20242, Phường Thạch Thang 20233 > Phường Hải Châu 20242, Phường Phước Ninh 20242 > Phường Hải Châu 20242, Phường Bình Thuận 20254 > Phường Hòa Cường 20257
  Quận Sơn Trà 493 16.119 108.265: Phường Thọ Quang 20263 > Phường Sơn Trà 20263, Phường Nại Hiên Đông 20266 > Phường Sơn Trà 20263, Phường Mân Thái 20269 > Phường Sơn Trà 20263, Phường An Hải Bắc 20272 > Phường An Hải 20275
  Quận Ngũ Hành Sơn 494 15.998 108.249: Phường Mỹ An 20284 > Phường Ngũ Hành Sơn 20285, Phường Khuê Mỹ 20285 > Phường Ngũ Hành Sơn 20285, Phường Hòa Quý 20287 > Phường Ngũ Hành Sơn 20285, Phường Hòa Hải 20290 > Phường Ngũ Hành Sơn 20285
  Quận Liên Chiểu 490 16.131 107.972: Phường Hòa Hiệp Bắc 20194 > Phường Hải Vân 20194, Phường Hòa Hiệp Nam 20195 > Phường Hải Vân 20194, Phường Hòa Khánh Bắc 20197 > Phường Liên Chiểu 20197, Phường Hòa Khánh Nam 20198 > Phường Hòa Khánh 20200
Thành phố Hải Phòng 31 > Thành phố Hải Phòng 31
  Quận Lê Chân 305 20.843 106.684: Phường Hàng Kênh 11395 > Phường Lê Chân 11383, Phường An Dương 11401 > Phường An Biên 11407, Phường Dư Hàng Kênh 11404 > Phường Lê Chân 11383, Phường Kênh Dương 11405 > Phường Lê Chân 11383
  Quận Ngô Quyền 304 20.866 106.704: Phường Máy Chai 11329 > Phường Ngô Quyền 11329, Phường Vạn Mỹ 11335 > Phường Ngô Quyền 11329, Phường Cầu Tre 11338 > Phường Ngô Quyền 11329, Phường Đằng Giang 11359 > Phường Gia Viên 11359
  Quận Hải An 306 20.821 106.773: Phường Đông Hải 1 11410 > Phường Đông Hải 11411, Phường Đằng Lâm 11413 > Phường Hải An 11413, Phường Thành Tô 11414 > Phường Hải An 11413, Phường Đằng Hải 11416 > Phường Hải An 11413
Thành phố Cần Thơ 92 > Thành phố Cần Thơ 92
  Quận Ninh Kiều 916 10.052 105.781: Phường Cái Khế 31117 > Phường Cái Khế 31120, Phường Thới Bình 31123 > Phường Ninh Kiều 31135, Phường Xuân Khánh 31144 > Phường Ninh Kiều 31135, Phường An Khánh 31149 > Phường Tân An 31147
  Quận Cái Răng 919 9.987 105.761: Phường Lê Bình 31186 > Phường Cái Răng 31186, Phường Hưng Phú 31189 > Phường Hưng Phú 31201, Phường Hưng Thạnh 31192 > Phường Cái Răng 31186, Phường Ba Láng 31195 > Phường Cái Răng 31186
  Quận Bình Thủy 918 10.071 105.752: Phường Bình Thủy 31168 > Phường Bình Thủy 31168, Phường Trà An 31169 > Phường Thới An Đông 31174, Phường Trà Nóc 31171 > Phường Thới An Đông 31174, Phường Thới An Đông 31174 > Phường Thới An Đông 31174
Tỉnh Bình Dương 74 > Thành phố Hồ Chí Minh 79
  Thành phố Thủ Dầu Một 718 10.986 106.676: Phường Phú Lợi 25744 > Phường Phú Lợi 25750, Phường Phú Hòa 25750 > Phường Phú Lợi 25750, Phường Chánh Nghĩa 25756 > Phường Thủ Dầu Một 25747, Phường Hòa Phú 25760 > Phường Bình Dương 25760
  Thành phố Thuận An 725 10.942 106.679: Phường An Thạnh 25963 > Phường Thuận An 25978, Phường Thuận Giao 25972 > Phường Thuận Giao 25969, Phường Hưng Định 25978 > Phường Thuận An 25978, Phường Bình Nhâm 25984 > Phường Lái Thiêu 25966
  Thành phố Dĩ An 724 10.903 106.759: Phường Dĩ An 25942 > Phường Dĩ An 25942, Phường Tân Bình 25945 > Phường Tân Đông Hiệp 25945, Phường Bình An 25951 > Phường Đông Hòa 25951, Phường Bình Thắng 25954 > Phường Đông Hòa 25951
Tỉnh Đồng Nai 75 > Tỉnh Đồng Nai 75
  Thành phố Biên Hòa 731 11.003 106.883: Phường Trảng Dài 25993 > Phường Trảng Dài 25993, Phường Bửu Long 26011 > Phường Trấn Biên 26041, Phường Trung Dũng 26041 > Phường Trấn Biên 26041, Phường Tân Hạnh 26062 > Phường Biên Hòa 26068
  Huyện Long Thành 740 10.782 107.016: Thị trấn Long Thành 26368 > Xã Long Thành 26368, Xã Long Đức 26389 > Xã Bình An 26389, Xã Tam An 26398 > Xã An Phước 26383, Xã Bàu Cạn 26410 > Xã Long Phước 26413
  Huyện Nhơn Trạch 742 10.737 106.893: Xã Phú Hội 26485 > Xã Nhơn Trạch 26485, Xã Đại Phước 26476 > Xã Đại Phước 26491, Xã Phú Thạnh 26488 > Xã Nhơn Trạch 26485, Xã Vĩnh Thanh 26497 > Xã Phước An 26503
Tỉnh Khánh Hòa 56 > Tỉnh Khánh Hòa 56
  Thành phố Nha Trang 568 12.322 109.171: Phường Vĩnh Hòa 22327 > Phường Bắc Nha Trang 22333, Phường Vạn Thạnh 22348 > Phường Nha Trang 22366, Phường Phước Hòa 22372 > Phường Nha Trang 22366, Xã Vĩnh Phương 22387 > Phường Bắc Nha Trang 22333
  Huyện Cam Lâm 570 12.084 109.147: Xã Cam Hải Đông 22441 > Xã Cam Lâm 22453, Xã Cam Hải Tây 22444 > Xã Cam Lâm 22453, Xã Sơn Tân 22447 > Xã Cam Hiệp 22435, Thị trấn Cam Đức 22453 > Xã Cam Lâm 22453
Tỉnh Lâm Đồng 68 > Tỉnh Lâm Đồng 68
  Thành phố Đà Lạt 672 12.056 108.402: Phường 7 24769 > Phường Lang Biang - Đà Lạt 24846, Phường 2 24781 > Phường Xuân Hương - Đà Lạt 24781, Phường 4 24793 > Phường Xuân Hương - Đà Lạt 24781, Xã Xuân Thọ 24805 > Phường Xuân Trường - Đà Lạt 24805
  Thành phố Bảo Lộc 673 11.573 107.844: Phường Lộc Phát 24814 > Phường 1 Bảo Lộc 24823, Phường 2 24820 > Phường 2 Bảo Lộc 24820, Phường B'lao 24826 > Phường B'Lao 24829, Xã Đamb'ri 24832 > Phường 2 Bảo Lộc 24820
Tỉnh Bà Rịa - Vũng Tàu 77 > Thành phố Hồ Chí Minh 79
  Thành phố Vũng Tàu 747 10.357 107.076: Phường 1 26506 > Phường Vũng Tàu 26506, Phường 4 26515 > Phường Vũng Tàu 26506, Phường Nguyễn An Ninh 26526 > Phường Tam Thắng 26526, Phường Rạch Dừa 26535 > Phường Rạch Dừa 26536
  Thành phố Bà Rịa 748 10.492 107.182: Phường Phước Hưng 26548 > Phường Bà Rịa 26560, Phường Long Toàn 26557 > Phường Bà Rịa 26560, Phường Phước Trung 26560 > Phường Bà Rịa 26560, Phường Kim Dinh 26566 > Phường Long Hương 26566
Tỉnh Quảng Ninh 22 > Tỉnh Quảng Ninh 22
  Thành phố Hạ Long 193 21.001 107.128: Phường Hà Khánh 06649 > Phường Cao Xanh 06658, Phường Bãi Cháy 06673 > Phường Bãi Cháy 06673, Phường Hồng Hà 06697 > Phường Hạ Long 06688, Xã Tân Dân 07039 > Xã Quảng La 07054
  Thành phố Móng Cái 194 21.492 107.949: Phường Ka Long 06709 > Phường Móng Cái 2 06709, Xã Hải Sơn 06724 > Xã Hải Sơn 06724, Phường Hải Yên 06736 > Phường Móng Cái 3 06736, Xã Vạn Ninh 06748 > Phường Móng Cái 2 06709
Tỉnh Hưng Yên 33 > Tỉnh Hưng Yên 33
  Huyện Văn Giang 326 20.928 105.927: Thị trấn Văn Giang 12019 > Xã Văn Giang 12019, Xã Cửu Cao 12025 > Xã Phụng Công 12025, Xã Nghĩa Trụ 12031 > Xã Nghĩa Trụ 12031, Xã Vĩnh Khúc 12037 > Xã Nghĩa Trụ 12031
  Thành phố Hưng Yên 323 20.691 106.043: Phường Lam Sơn 11950 > Phường Sơn Nam 11983, Phường Lê Lợi 11959 > Phường Phố Hiến 11953, Xã Trung Nghĩa 11971 > Phường Phố Hiến 11953, Xã Quảng Châu 11980 > Phường Hồng Châu 11980
Tỉnh Bắc Ninh 27 > Tỉnh Bắc Ninh 24
  Thành phố Bắc Ninh 256 21.193 106.093: Phường Vũ Ninh 09163 > Phường Vũ Ninh 09169, Phường Đại Phúc 09181 > Phường Võ Cường 09190, Phường Hòa Long 09214 > Phường Kinh Bắc 09187, Phường Kim Chân 09256 > Phường Vũ Ninh 09169
  Thành phố Từ Sơn 261 21.099 105.963: Phường Đông Ngàn 09367 > Phường Từ Sơn 09367, Phường Tương Giang 09376 > Phường Tam Sơn 09370, Phường Trang Hạ 09383 > Phường Đồng Nguyên 09385, Phường Tân Hồng 09391 > Phường Từ Sơn 09367
Tỉnh Long An 80 > Tỉnh Tây Ninh 80
  Huyện Bến Lức 803 10.662 106.483: Thị trấn Bến Lức 27991 > Xã Bến Lức 27991, Xã Thạnh Hòa 28000 > Xã Thạnh Lợi 27994, Xã An Thạnh 28012 > Xã Bến Lức 27991, Xã Thanh Phú 28021 > Xã Bến Lức 27991
  Huyện Đức Hòa 802 10.937 106.399: Thị trấn Hậu Nghĩa 27931 > Xã Hậu Nghĩa 27931, Xã An Ninh Tây 27946 > Xã An Ninh 27943, Xã Tân Phú 27961 > Xã Hiệp Hòa 27952, Xã Mỹ Hạnh Nam 27976 > Xã Mỹ Hạnh 27976
  Thành phố Tân An 794 10.548 106.405: Phường 5 27685 > Phường Long An 27694, Phường 3 27697 > Phường Long An 27694, Xã Hướng Thọ Phú 27703 > Phường Long An 27694, Xã Bình Tâm 27712 > Phường Tân An 27712
Tỉnh Thanh Hóa 38 > Tỉnh Thanh Hóa 38
  Thành phố Thanh Hóa 380 19.843 105.774: Phường Hàm Rồng 14755 > Phường Hàm Rồng 14758, Phường Đông Hương 14794 > Phường Hạc Thành 14797, Phường Hoằng Đại 15970 > Phường Nguyệt Viên 15925, Phường Đông Thịnh 16414 > Phường Đông Sơn 16378
  Thành phố Sầm Sơn 382 19.755 105.889: Phường Trung Sơn 14830 > Phường Sầm Sơn 16531, Phường Trường Sơn 14836 > Phường Sầm Sơn 16531, Phường Quảng Tiến 14842 > Phường Sầm Sơn 16531, Xã Đại Hùng 16516 > Phường Nam Sầm Sơn 16516
Tỉnh Nghệ An 40 > Tỉnh Nghệ An 40
  Thành phố Vinh 412 18.675 105.660: Phường Đông Vĩnh 16663 > Phường Thành Vinh 16681, Phường Quang Trung 16681 > Phường Thành Vinh 16681, Phường Vinh Tân 16714 > Phường Trường Vinh 16690, Xã Nghi Phong 17902 > Phường Vinh Lộc 16708
  Huyện Nghi Lộc 429 18.769 105.635: Thị trấn Quán Hành 17827 > Xã Nghi Lộc 17827, Xã Nghi Thiết 17845 > Xã Hải Lộc 17833, Xã Nghi Phương 17860 > Xã Thần Lĩnh 17842, Xã Nghi Công Bắc 17884 > Xã Phúc Lộc 17857
Thành phố Huế 46 > Thành phố Huế 46
  Quận Thuận Hóa 474 16.478 107.611: Phường Vỹ Dạ 19777 > Phường Vỹ Dạ 19777, Phường Phú Nhuận 19789 > Phường Thuận Hóa 19789, Phường An Cựu 19801 > Phường An Cựu 19815, Phường An Tây 19816 > Phường An Cựu 19815
  Quận Phú Xuân 475 16.479 107.577: Phường Tây Lộc 19750 > Phường Phú Xuân 19753, Phường Phú Hậu 19759 > Phường Phú Xuân 19753, Phường Kim Long 19774 > Phường Kim Long 19774, Phường Hương Long 19810 > Phường Kim Long 19774
Tỉnh Quảng Nam 49 > Thành phố Đà Nẵng 48
  Thành phố Hội An 503 15.870 108.330: Phường Minh An 20398 > Phường Hội An 20410, Phường Thanh Hà 20407 > Phường Hội An Tây 20401, Phường Cửa Đại 20416 > Phường Hội An Đông 20413, Xã Cẩm Kim 20425 > Phường Hội An 20410
  Thị xã Điện Bàn 507 15.877 108.275: Phường Vĩnh Điện 20551 > Phường Điện Bàn 20551, Phường Điện Thắng Nam 20562 > Phường An Thắng 20575, Phường Điện An 20575 > Phường An Thắng 20575, Xã Điện Quang 20584 > Xã Gò Nổi 20587
  Thành phố Tam Kỳ 502 15.580 108.483: Phường Tân Thạnh 20335 > Phường Bàn Thạch 20335, Phường An Xuân 20347 > Phường Tam Kỳ 20341, Phường An Phú 20356 > Phường Quảng Phú 20356, Xã Tam Phú 20371 > Phường Quảng Phú 20356
Tỉnh Bình Định 52 > Tỉnh Gia Lai 52
  Thành phố Quy Nhơn 540 13.828 109.259: Phường Nhơn Bình 21550 > Phường Quy Nhơn Đông 21601, Phường Hải Cảng 21562 > Phường Quy Nhơn 21583, Phường Thị Nại 21583 > Phường Quy Nhơn 21583, Xã Nhơn Lý 21598 > Phường Quy Nhơn Đông 21601
  Thị xã An Nhơn 549 13.893 109.058: Phường Bình Định 21907 > Phường Bình Định 21907, Phường Nhơn Thành 21916 > Phường An Nhơn Bắc 21925, Xã Nhơn Phong 21925 > Phường An Nhơn Bắc 21925, Phường Nhơn Hưng 21934 > Phường An Nhơn Đông 21934
Tỉnh Kiên Giang 91 > Tỉnh An Giang 91
  Thành phố Phú Quốc 911 10.275 103.991: Phường Dương Đông 31078 > Đặc khu Phú Quốc 31078, Xã Cửa Cạn 31084 > Đặc khu Phú Quốc 31078, Xã Cửa Dương 31090 > Đặc khu Phú Quốc 31078, Xã Dương Tơ 31096 > Đặc khu Phú Quốc 31078
  Thành phố Rạch Giá 899 9.991 105.100: Phường Vĩnh Thanh 30733 > Phường Rạch Giá 30742, Phường Vĩnh Hiệp 30739 > Phường Rạch Giá 30742, Phường Vĩnh Lạc 30745 > Phường Rạch Giá 30742, Phường An Bình 30751 > Phường Rạch Giá 30742
Tỉnh Bình Thuận 60 > Tỉnh Lâm Đồng 68
  Thành phố Phan Thiết 593 10.979 108.263: Phường Mũi Né 22915 > Phường Mũi Né 22918, Phường Phú Thủy 22924 > Phường Phú Thủy 22924, Phường Xuân An 22933 > Phường Hàm Thắng 22933, Phường Bình Hưng 22951 > Phường Phan Thiết 22945
  Huyện Hàm Thuận Nam 598 10.847 107.910: Thị trấn Thuận Nam 23110 > Xã Hàm Thuận Nam 23110, Xã Mương Mán 23119 > Xã Hàm Kiệm 23128, Xã Hàm Cường 23128 > Xã Hàm Kiệm 23128, Xã Hàm Minh 23137 > Xã Hàm Thuận Nam 23110
Tỉnh Hải Dương 30 > Thành phố Hải Phòng 31
  Thành phố Hải Dương 288 20.959 106.325: Phường Cẩm Thượng 10507 > Phường Thành Đông 10507, Phường Nguyễn Trãi 10519 > Phường Thành Đông 10507, Phường Hải Tân 10537 > Phường Tân Hưng 10537, Xã Quyết Thắng 10822 > Phường Ái Quốc 10660
  Thành phố Chí Linh 290 21.103 106.319: Phường Phả Lại 10546 > Phường Chí Linh 10546, Xã Bắc An 10558 > Phường Nguyễn Trãi 10552, Phường Hoàng Tân 10573 > Phường Trần Nhân Tông 10573, Phường Thái Học 10588 > Phường Chu Văn An 10549
Tỉnh Vĩnh Phúc 26 > Tỉnh Phú Thọ 25
  Thành phố Vĩnh Yên 243 21.294 105.584: Phường Tích Sơn 08707 > Phường Vĩnh Yên 08707, Phường Hội Hợp 08713 > Phường Vĩnh Yên 08707, Phường Ngô Quyền 08719 > Phường Vĩnh Phúc 08716, Phường Định Trung 08725 > Phường Vĩnh Phúc 08716
  Thành phố Phúc Yên 244 21.246 105.707: Phường Hùng Vương 08737 > Phường Phúc Yên 08740, Phường Phúc Thắng 08743 > Phường Phúc Yên 08740, Phường Đồng Xuân 08747 > Phường Xuân Hòa 08746, Xã Cao Minh 08752 > Phường Xuân Hòa 08746
Tỉnh Thái Nguyên 19 > Tỉnh Thái Nguyên 19
  Thành phố Thái Nguyên 164 21.630 105.795: Phường Quan Triều 05431 > Phường Quan Triều 05482, Phường Tân Thịnh 05452 > Phường Phan Đình Phùng 05443, Phường Tân Thành 05479 > Phường Tích Lương 05500, Phường Tích Lương 05500 > Phường Tích Lương 05500
  Thành phố Phổ Yên 172 21.427 105.867: Phường Bãi Bông 05854 > Phường Phổ Yên 05860, Xã Phúc Thuận 05866 > Phường Phúc Thuận 05857, Phường Đồng Tiến 05878 > Phường Vạn Xuân 05890, Phường Nam Tiến 05890 > Phường Vạn Xuân 05890
Tỉnh Nam Định 36 > Tỉnh Ninh Bình 37
  Thành phố Nam Định 356 20.441 106.170: Phường Vị Xuyên 13636 > Phường Nam Định 13669, Phường Quang Trung 13681 > Phường Nam Định 13669, Phường Nam Phong 13696 > Phường Vị Khê 13972, Xã Mỹ Thắng 13717 > Phường Đông A 13693
  Huyện Hải Hậu 366 20.201 106.283: Thị trấn Yên Định 14215 > Xã Hải Hậu 14215, Xã Hải Anh 14236 > Xã Hải Anh 14236, Xã Hải Đông 14269 > Xã Hải Quang 14287, Xã Hải Phú 14293 > Xã Hải Xuân 14308
Tỉnh Thái Bình 34 > Tỉnh Hưng Yên 33
  Thành phố Thái Bình 336 20.482 106.314: Phường Lê Hồng Phong 12433 > Phường Thái Bình 13225, Phường Quang Trung 12445 > Phường Trần Hưng Đạo 12452, Phường Trần Lãm 12454 > Phường Trần Lãm 12454, Xã Vũ Phúc 12466 > Phường Vũ Phúc 12466
  Huyện Tiền Hải 342 20.418 106.500: Thị trấn Tiền Hải 12970 > Xã Tiền Hải 12970, Xã Đông Quang 12997 > Xã Đông Tiền Hải 12988, Xã Phương Công 13027 > Xã Tây Tiền Hải 13039, Xã Nam Hà 13054 > Xã Nam Tiền Hải 13063
Tỉnh Ninh Bình 37 > Tỉnh Ninh Bình 37
  Thành phố Hoa Lư 374 20.263 105.956: Phường Đông Thành 14320 > Phường Hoa Lư 14329, Phường Nam Thành 14341 > Phường Hoa Lư 14329, Phường Ninh Sơn 14356 > Phường Nam Hoa Lư 14359, Xã Ninh Khang 14536 > Phường Hoa Lư 14329
  Thành phố Tam Điệp 370 20.163 105.860: Phường Bắc Sơn 14362 > Phường Tam Điệp 14362, Phường Nam Sơn 14368 > Phường Trung Sơn 14365, Xã Yên Sơn 14371 > Phường Yên Sơn 14371, Phường Tân Bình 14375 > Phường Yên Sơn 14371
Tỉnh Hà Nam 35 > Tỉnh Ninh Bình 37
  Thành phố Phủ Lý 347 20.559 105.904: Phường Lê Hồng Phong 13291 > Phường Phù Vân 13291, Xã Phù Vân 13306 > Phường Phù Vân 13291, Phường Châu Sơn 13318 > Phường Châu Sơn 13318, Phường Tân Liêm 13444 > Phường Liêm Tuyền 13444
  Thị xã Duy Tiên 349 20.643 105.931: Phường Đồng Văn 13321 > Phường Đồng Văn 13348, Phường Châu Giang 13330 > Phường Duy Tân 13330, Phường Duy Minh 13336 > Phường Duy Hà 13336, Xã Chuyên Ngoại 13345 > Phường Duy Tiên 13324
Tỉnh Bắc Giang 24 > Tỉnh Bắc Ninh 24
  Thành phố Bắc Giang 213 21.285 106.215: Phường Thọ Xương 07201 > Phường Bắc Giang 07210, Phường Đa Mai 07228 > Phường Đa Mai 07228, Phường Đồng Sơn 07696 > Phường Tiền Phong 07696, Phường Tân Liễu 07717 > Phường Yên Dũng 07681
  Thị xã Việt Yên 222 21.308 106.059: Xã Thượng Lan 07759 > Phường Tự Lạn 07774, Xã Hương Mai 07771 > Phường Tự Lạn 07774, Phường Hồng Thái 07783 > Phường Việt Yên 07777, Phường Nếnh 07795 > Phường Nếnh 07795
Tỉnh Phú Thọ 25 > Tỉnh Phú Thọ 25
  Thành phố Việt Trì 227 21.333 105.399: Phường Dữu Lâu 07888 > Phường Việt Trì 07900, Phường Thọ Sơn 07906 > Phường Thanh Miếu 07909, Xã Thụy Vân 07924 > Phường Nông Trang 07894, Xã Kim Đức 08281 > Phường Vân Phú 07918
Tỉnh Lào Cai 10 > Tỉnh Lào Cai 15
  Thành phố Lào Cai 080 22.498 104.015: Phường Duyên Hải 02635 > Phường Lào Cai 02647, Phường Bắc Lệnh 02650 > Phường Cam Đường 02671, Xã Thống Nhất 02659 > Xã Gia Phú 02923, Phường Nam Cường 02671 > Phường Cam Đường 02671
  Thị xã Sa Pa 088 22.350 103.837: Phường Ô Quý Hồ 03003 > Phường Sa Pa 03006, Xã Trung Chải 03010 > Xã Tả Phìn 03013, Xã Hoàng Liên 03019 > Xã Tả Van 03037, Xã Mường Hoa 03037 > Xã Tả Van 03037
Tỉnh Hòa Bình 17 > Tỉnh Phú Thọ 25
  Thành phố Hòa Bình 148 20.782 105.334: Phường Thái Bình 04789 > Phường Thống Nhất 04828, Phường Tân Thịnh 04801 > Phường Hòa Bình 04795, Phường Quỳnh Lâm 04816 > Phường Hòa Bình 04795, Phường Kỳ Sơn 04894 > Phường Kỳ Sơn 04894
  Huyện Lương Sơn 152 20.873 105.531: Thị trấn Lương Sơn 04924 > Xã Lương Sơn 04924, Xã Hòa Sơn 04945 > Xã Lương Sơn 04924, Xã Nhuận Trạch 04954 > Xã Lương Sơn 04924, Xã Liên Sơn 04969 > Xã Liên Sơn 04960
Tỉnh Đắk Lắk 66 > Tỉnh Đắk Lắk 66
  Thành phố Buôn Ma Thuột 643 12.665 108.097: Phường Tân Lập 24118 > Phường Tân Lập 24121, Phường Thành Công 24133 > Phường Buôn Ma Thuột 24133, Phường Tự An 24148 > Phường Buôn Ma Thuột 24133, Xã Cư ÊBur 24160 > Phường Buôn Ma Thuột 24133
Tỉnh Gia Lai 64 > Tỉnh Gia Lai 52
  Thành phố Pleiku 622 13.951 107.975: Phường Yên Đỗ 23557 > Phường Diên Hồng 23563, Phường Phù Đổng 23570 > Phường Pleiku 23575, Phường Trà Bá 23581 > Phường Hội Phú 23586, Xã Trà Đa 23596 > Phường Pleiku 23575
Tỉnh Bình Phước 70 > Tỉnh Đồng Nai 75
  Thành phố Đồng Xoài 689 11.521 106.899: Phường Tân Phú 25195 > Phường Bình Phước 25195, Phường Tân Bình 25201 > Phường Bình Phước 25195, Phường Tân Thiện 25205 > Phường Bình Phước 25195, Phường Tiến Thành 25210 > Phường Đồng Xoài 25210
  Thị xã Chơn Thành 697 11.415 106.646: Phường Hưng Long 25432 > Phường Chơn Thành 25432, Xã Minh Lập 25435 > Xã Nha Bích 25450, Phường Minh Hưng 25441 > Phường Minh Hưng 25441, Phường Minh Thành 25447 > Phường Chơn Thành 25432
Tỉnh Tây Ninh 72 > Tỉnh Tây Ninh 80
  Thành phố Tây Ninh 703 11.315 106.103: Phường 1 25456 > Phường Tân Ninh 25459, Phường Hiệp Ninh 25465 > Phường Tân Ninh 25459, Xã Thạnh Tân 25471 > Phường Bình Minh 25480, Xã Bình Minh 25477 > Phường Bình Minh 25480
  Thị xã Trảng Bàng 712 11.032 106.325: Phường Trảng Bàng 25708 > Phường Trảng Bàng 25708, Xã Hưng Thuận 25714 > Xã Hưng Thuận 25711, Phường Gia Lộc 25720 > Phường Gia Lộc 25672, Xã Phước Bình 25729 > Xã Phước Chỉ 25729
Tỉnh Tiền Giang 82 > Tỉnh Đồng Tháp 82
  Thành phố Mỹ Tho 815 10.381 106.358: Phường 5 28249 > Phường Đạo Thạnh 28249, Phường 9 28273 > Phường Mỹ Phong 28273, Xã Đạo Thạnh 28282 > Phường Đạo Thạnh 28249, Xã Tân Mỹ Chánh 28291 > Phường Mỹ Phong 28273
Tỉnh An Giang 89 > Tỉnh An Giang 91
  Thành phố Long Xuyên 883 10.366 105.423: Phường Mỹ Bình 30280 > Phường Long Xuyên 30307, Phường Bình Đức 30289 > Phường Bình Đức 30292, Phường Mỹ Quý 30298 > Phường Long Xuyên 30307, Phường Mỹ Hòa 30307 > Phường Long Xuyên 30307
  Thành phố Châu Đốc 884 10.684 105.117: Phường Châu Phú B 30316 > Phường Châu Đốc 30316, Phường Châu Phú A 30319 > Phường Châu Đốc 30316, Phường Vĩnh Mỹ 30322 > Phường Châu Đốc 30316, Phường Núi Sam 30325 > Phường Vĩnh Tế 30325
Tỉnh Cà Mau 96 > Tỉnh Cà Mau 96
  Thành phố Cà Mau 964 9.225 105.178: Phường 9 31999 > Phường An Xuyên 32002, Phường 1 32005 > Phường An Xuyên 32002, Phường 8 32014 > Phường Lý Văn Lâm 32014, Xã An Xuyên 32023 > Phường An Xuyên 32002
Tỉnh Phú Yên 54 > Tỉnh Đắk Lắk 66
  Thành phố Tuy Hòa 555 13.080 109.289: Phường 1 22015 > Phường Tuy Hòa 22015, Phường 4 22030 > Phường Tuy Hòa 22015, Phường 7 22036 > Phường Tuy Hòa 22015, Phường Phú Đông 22041 > Phường Phú Yên 22240
Tỉnh Quảng Ngãi 51 > Tỉnh Quảng Ngãi 51
  Thành phố Quảng Ngãi 522 15.119 108.785: Phường Lê Hồng Phong 21010 > Phường Nghĩa Lộ 21028, Phường Nguyễn Nghiêm 21025 > Phường Cẩm Thành 21025, Phường Trương Quang Trọng 21172 > Phường Trương Quang Trọng 21172, Xã Tịnh Châu 21208 > Xã Tịnh Khê 21211
Tỉnh Quảng Bình 44 > Tỉnh Quảng Trị 44
  Thành phố Đồng Hới 450 17.452 106.632: Phường Hải Thành 18853 > Phường Đồng Hới 18880, Phường Nam Lý 18865 > Phường Đồng Hới 18880, Phường Phú Hải 18874 > Phường Đồng Hới 18880, Xã Quang Phú 18883 > Phường Đồng Thuận 18859
Tỉnh Ninh Thuận 58 > Tỉnh Khánh Hòa 56
  Thành phố Phan Rang - Tháp Chàm 582 11.638 108.928: Phường Đô Vinh 22738 > Phường Đô Vinh 22738, Phường Phủ Hà 22750 > Phường Phan Rang 22759, Phường Đài Sơn 22765 > Phường Phan Rang 22759, Phường Văn Hải 22777 > Phường Ninh Chử 22834
`;

const WARD = /^(.+) (\d{5}) ([>~]) (.+) (\d{5})$/;

function parseWard(text: string): Ward {
  const [, name = "", code = "", link, newName = "", newCode = ""] = WARD.exec(text) ?? [];
  return { name, code, now: { name: newName, code: newCode }, split: link === "~" };
}

function parseDistrict(line: string): District {
  const [, name = "", code = "", latitude, longitude, wards = ""] = /^ {2}(.+) (\d{3}) (\S+) (\S+): (.+)$/.exec(line) ?? [];
  return { name, code, latitude: Number(latitude), longitude: Number(longitude), wards: wards.split(", ").map(parseWard) };
}

function parseProvinces(): Province[] {
  const provinces: (Province & { districts: District[] })[] = [];
  for (const line of TABLE.trim().split("\n")) {
    if (line.startsWith("  ")) {
      provinces.at(-1)?.districts.push(parseDistrict(line));
      continue;
    }
    const [, name = "", code = "", newName = "", newCode = ""] = /^(.+) (\d\d) > (.+) (\d\d)$/.exec(line) ?? [];
    provinces.push({ name, code, now: { name: newName, code: newCode }, districts: [] });
  }
  return provinces;
}

export const PROVINCES: readonly Province[] = parseProvinces();

/** Offers are thickest in the two big cities, as in life: weights of the provinces in the table's order, 1 for the rest. */
const WEIGHTS = [26, 30, 6, 4, 3, 6, 5, 4, 3, 3, 2, 3, 2];

export function weightOf(index: number): number {
  return WEIGHTS[index] ?? 1;
}

/** "Hà Nội" of "Thành phố Hà Nội"; but "Quận 7" stays, since nobody says "7". */
export function shortName(name: string): string {
  const short = name.replace(/^(Thành phố|Tỉnh|Quận|Huyện|Thị xã|Phường|Xã|Thị trấn|Đặc khu) /, "");
  return /^\d/.test(short) ? name : short;
}
