/** Our own words: what the sellers of the demo site say. Streets are names that most Vietnamese towns have. */
const lines = (text: string): readonly string[] => text.trim().split("\n");

export const STREETS = lines(`
Nguyễn Trãi
Lê Lợi
Trần Hưng Đạo
Nguyễn Huệ
Lý Thường Kiệt
Hai Bà Trưng
Quang Trung
Điện Biên Phủ
Phan Chu Trinh
Nguyễn Văn Cừ
Hoàng Văn Thụ
Lê Hồng Phong
Ngô Quyền
Phạm Ngũ Lão
Võ Thị Sáu
Nguyễn Thị Minh Khai
Cách Mạng Tháng Tám
Trường Chinh
Nguyễn Đình Chiểu
Bà Triệu
Tô Hiến Thành
Phan Đình Phùng
Lê Duẩn
Huỳnh Thúc Kháng
Trần Phú
Nguyễn Công Trứ
Hoàng Diệu
Đinh Tiên Hoàng
Nguyễn Khuyến
3 Tháng 2
`);

/** Invented. */
export const PROJECTS = lines(`
Hoa Sen Riverside
Vườn Trúc Residence
Bạch Dương Tower
Sao Mai Complex
Lam Kinh Garden
Bến Xuân Park
Thiên Thanh Heights
Cánh Buồm Bay
Ngọc Lan Central
Sông Trăng City
Đồi Thông Villas
Phố Nắng Avenue
`);

export const SELLERS = lines(`
Nguyễn Minh An
Trần Thu Hà
Lê Quốc Bảo
Phạm Hải Yến
Vũ Đức Long
Đặng Khánh Linh
Bùi Gia Huy
Hoàng Mai Phương
Đỗ Tuấn Kiệt
Ngô Thanh Trúc
`);

export const SELLING_POINTS = lines(`
sổ hồng riêng, sang tên ngay
ô tô đỗ cửa, ngõ thông
hai mặt thoáng, đón nắng sớm
nội thất đầy đủ, dọn vào ở luôn
gần chợ, trường học và công viên
chủ cần tiền nên bán nhanh
giá tốt nhất khu vực
lô góc, vuông vắn
tầng đẹp, tầm nhìn rộng
khu dân trí cao, an ninh
tiện mở cửa hàng, văn phòng
đường trước nhà vừa làm xong
`);
export const RENTING_POINTS = lines(`
vào ở ngay, đóng tiền từng tháng
giờ giấc tự do, không chung chủ
đầy đủ đồ, chỉ mang vali đến
gần bến xe buýt và chợ
có chỗ để xe, có bảo vệ
phù hợp làm văn phòng nhỏ
giá ưu đãi cho hợp đồng dài hạn
mặt tiền rộng, dễ nhận biết
mới sơn sửa, sạch sẽ
yên tĩnh, thoáng mát
`);

export const SENTENCES = lines(`
Nhà nằm trong khu dân cư ổn định, hàng xóm thân thiện và buổi tối rất yên tĩnh.
Từ đây ra trục đường chính chỉ vài phút đi xe máy, giờ cao điểm cũng ít khi tắc.
Các phòng đều có cửa sổ, ánh sáng tự nhiên tràn vào từ sáng đến chiều.
Bếp rộng, có chỗ để tủ lạnh lớn và bàn ăn cho sáu người.
Hệ thống điện nước được làm mới hoàn toàn, đồng hồ riêng, giá theo nhà nước.
Pháp lý rõ ràng, giấy tờ có thể xem bản gốc ngay trong lần gặp đầu tiên.
Người mua có thể vay ngân hàng, chủ nhà hỗ trợ làm hồ sơ.
Gần trường tiểu học, trạm y tế, siêu thị và một công viên có đường chạy bộ.
Đường trước cửa rộng, hai xe tránh nhau thoải mái, không ngập khi mưa to.
Chủ nhà ở xa nên ưu tiên người thiện chí, gặp mặt rồi bàn tiếp về giá.
Mặt bằng vuông vức, dễ bố trí, không phạm lộ giới và không dính quy hoạch.
Sân thượng có mái che, trồng được rau và phơi đồ thoải mái.
Khu vực đang có tuyến đường mới mở nên giá trị còn tăng theo thời gian.
Nước máy, điện ba pha và cáp quang đã kéo đến tận nơi.
Ảnh chụp thật, không chỉnh sửa, mời quý khách đến xem trực tiếp.
Có thể xem nhà tất cả các ngày trong tuần, vui lòng gọi trước một giờ.
Trần cao, gió lùa tự nhiên, mùa hè ít phải bật điều hòa.
Phòng tắm ốp gạch cao, thiết bị vệ sinh còn mới.
Bãi đỗ xe ngay dưới chân tòa nhà, ra vào bằng thẻ.
Khu có camera ở các lối vào và đội bảo vệ trực suốt ngày đêm.
Hàng xóm xung quanh đều đã xây kín, không lo bị chắn hướng gió.
Vị trí thuận tiện để vừa ở vừa kinh doanh nhỏ tại tầng một.
Giá đã bao gồm phí sang tên, bên mua không phải trả thêm khoản nào.
Xin miễn trung gian, cảm ơn quý khách đã đọc tin.
Buổi sáng nghe tiếng chim, buổi tối ngắm được cả một góc thành phố.
Móng được gia cố kỹ, sau này muốn xây thêm tầng vẫn an toàn.
`);

export const DIRECTIONS = ["Đông", "Tây", "Nam", "Bắc", "Đông - Nam", "Đông - Bắc", "Tây - Nam", "Tây - Bắc"];
export const PAPERS = ["Sổ đỏ/ Sổ hồng", "Hợp đồng mua bán", "Đang chờ sổ", "SỔ HỒNG RIÊNG"];
export const FURNITURE = ["Đầy đủ", "Cơ bản", "Không nội thất", "Cao cấp"];
export const TIERS = ["Tin thường", "Tin VIP Bạc", "Tin VIP Vàng", "Tin VIP Kim Cương"];
